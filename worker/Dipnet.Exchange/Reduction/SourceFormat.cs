namespace Dipnet.Exchange;

/// <summary>How the elements of a source lie in memory and what is made of them before they are added.</summary>
internal enum SourceFormat
{
    Float,

    /// <summary>fp32 that is rounded to bf16 first: a peer's node in mapped memory that would have travelled as bf16.</summary>
    FloatToRound,

    Bfloat,
}

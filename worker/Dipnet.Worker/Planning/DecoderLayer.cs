namespace Dipnet.Worker.Planning;

/// <summary>A linear layer of a decoder block.</summary>
/// <param name="Name">Below the block, as in the family's files.</param>
/// <param name="InputsFirst">The weight is stored [inputs, outputs].</param>
internal sealed record DecoderLayer(string Name, long Inputs, long Outputs, bool Bias, bool InputsFirst)
{
    public long[] Shape => InputsFirst ? [Inputs, Outputs] : [Outputs, Inputs];
}

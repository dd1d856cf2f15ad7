namespace Dipnet.Protos;

/// <summary>Values of <see cref="Fault.Kind"/> that more than one program acts on.</summary>
public static class FaultKinds
{
    /// <summary>The job, or a file that it names, is wrong: no other worker and no other attempt would do better.</summary>
    public const string Configuration = "configuration";
}

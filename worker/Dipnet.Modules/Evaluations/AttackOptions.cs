namespace Dipnet.Modules;

/// <summary>An attack in the maximum norm on inputs in [0, 1].</summary>
public sealed record AttackOptions
{
    /// <summary>Radius: the largest change of a value.</summary>
    public float Epsilon { get; init; } = 0.05f;

    /// <summary>Gradient steps; one step of size ε is FGSM.</summary>
    public int Steps { get; init; } = 10;

    /// <summary>Size of a step; 0: ε for one step, ε / 4 for more.</summary>
    public float StepSize { get; init; }

    /// <summary>Begin at a random point of the ball instead of at the input.</summary>
    public bool RandomStart { get; init; }

    /// <summary>FGSM of radius ε.</summary>
    public static AttackOptions Fgsm(float epsilon) => new() { Epsilon = epsilon, Steps = 1 };

    /// <summary>PGD of radius ε.</summary>
    public static AttackOptions Pgd(float epsilon, int steps) => new() { Epsilon = epsilon, Steps = steps };

    internal float Step => StepSize > 0 ? StepSize : Steps == 1 ? Epsilon : Epsilon / 4;
}

namespace Dipnet.Worker.Language;

/// <summary>What a level asks of its problems.</summary>
/// <param name="Steps">Fewest and most steps.</param>
/// <param name="Terms">Range of numbers that are added and taken away.</param>
/// <param name="Factors">Range of numbers that are multiplied and divided by; null: templates with factors are left out.</param>
/// <param name="Distraction">How often a number that does not matter is told, in hundredths.</param>
internal sealed record ProblemLevel((int Low, int High) Steps, (int Low, int High) Terms, (int Low, int High)? Factors, int Distraction)
{
    private static readonly ProblemLevel[] All =
    [
        new((1, 1), (1, 9), null, 0),
        new((1, 1), (2, 50), (2, 9), 0),
        new((2, 2), (2, 20), (2, 9), 0),
        new((2, 3), (5, 100), (2, 12), 50),
        new((3, 4), (10, 500), (3, 20), 100),
    ];

    public static ProblemLevel Of(int level) => All[level - 1];

    public bool Takes(ProblemTemplate template) =>
        template.Steps.Count >= Steps.Low && template.Steps.Count <= Steps.High && (Factors is not null || !template.Variables.Any(ProblemTemplate.IsFactor));
}

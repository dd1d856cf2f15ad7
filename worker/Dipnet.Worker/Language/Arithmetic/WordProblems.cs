using Dipnet.Worker.Data;

namespace Dipnet.Worker.Language;

/// <summary>
/// Endless arithmetic word problems; each is a function of seed, level, side and index alone. Thread-safe.
/// Level 1: one step with sums and differences of 1 … 9. 2: one step of any kind, larger numbers. 3: two steps. 4: two or three steps, at times a number that does
/// not matter. 5: three or four steps, numbers to 500, always a number that does not matter.
/// </summary>
internal sealed class WordProblems
{
    public const int Levels = 5;

    /// <summary>More draws than any problem takes, so that no two problems share one.</summary>
    private const ulong DrawsPerProblem = 1UL << 20;

    private readonly CounterHash _hash;
    private readonly ProblemLevel _level;
    private readonly ProblemTemplate[] _templates;

    /// <param name="seed">Two seeds give two unrelated series.</param>
    /// <param name="level">1 … 5.</param>
    /// <param name="heldOut">From the templates that training never sees.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such level.</exception>
    public WordProblems(ulong seed, int level, bool heldOut)
    {
        if (level is < 1 or > Levels)
        {
            throw new ArgumentOutOfRangeException(nameof(level), level, $"level must be 1 … {Levels}");
        }

        _hash = new CounterHash(seed, 0x574F5244UL + (2 * (ulong)level) + (heldOut ? 1UL : 0UL));
        _level = ProblemLevel.Of(level);
        _templates = [.. ProblemTemplates.All.Where(t => t.HeldOut == heldOut && _level.Takes(t))];
    }

    /// <summary>The problem of number <paramref name="index"/>, 0 or more.</summary>
    public WordProblem this[long index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            var draws = new ProblemDraws(_hash, (ulong)index * DrawsPerProblem);
            var template = draws.Of(_templates);
            return new ProblemScene(template, _level, draws).Tell();
        }
    }

    /// <summary>The text that a model is given; its answer follows on the next line.</summary>
    public static string Prompt(string question) => $"Q: {question}\nA:\n";
}

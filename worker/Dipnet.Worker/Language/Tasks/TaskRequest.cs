namespace Dipnet.Worker.Language;

/// <summary>What a user asks <c>eval</c> for.</summary>
internal sealed record TaskRequest
{
    public const string Arithmetic = "arithmetic";

    public const int GeneratedExamples = 400;

    /// <summary>Draws from a model without noise need a temperature to differ.</summary>
    public const double VoteTemperature = 0.7;

    /// <summary>Anything that <see cref="ModelSource.Open"/> takes.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>gsm8k, svamp, mawps or arithmetic.</summary>
    public required string Task { get; init; }

    /// <summary>File or folder; null: the model's own.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>File of the problems; null for arithmetic.</summary>
    public string? Data { get; init; }

    /// <summary>File that shots are taken from; null: generated problems.</summary>
    public string? ShotsData { get; init; }

    /// <summary>Solved examples before each question.</summary>
    public int Shots { get; init; }

    /// <summary>The first n problems; 0: all of a file, <see cref="GeneratedExamples"/> generated ones.</summary>
    public int Limit { get; init; }

    /// <summary>0: mean mode, without noise; K: token probabilities averaged over K trajectories, or with <see cref="Majority"/> K answers of one trajectory each.</summary>
    public int Trajectories { get; init; }

    public bool Majority { get; init; }

    /// <summary>Null: 0, greedy; with <see cref="Majority"/> and a model without projections <see cref="VoteTemperature"/>.</summary>
    public double? Temperature { get; init; }

    /// <summary>Of generated problems; null: the one that the model's job trained on, else 1.</summary>
    public int? Level { get; init; }

    public double Typos { get; init; }

    public ulong Seed { get; init; } = 1;

    public int MaxTokens { get; init; } = 256;

    public bool Chat { get; init; }

    /// <summary>File for one line an example; null: none.</summary>
    public string? Log { get; init; }

    public bool Json { get; init; }

    public string Device { get; init; } = "auto";

    /// <summary>Threads of one operator; 0: 1 for a small model, else one a core.</summary>
    public int Threads { get; init; }

    public int Votes => Majority ? Trajectories : 1;

    /// <summary>Returns this, or throws with everything that breaks its rule.</summary>
    /// <exception cref="ArgumentException">One line a setting: name, value, rule.</exception>
    public TaskRequest Validated()
    {
        List<string> errors = [];
        void Require(bool holds, FormattableString message)
        {
            if (!holds)
            {
                errors.Add(FormattableString.Invariant(message));
            }
        }

        Require(Task == Arithmetic || TaskFile.Tasks.Contains(Task), $"--task {Task}: must be one of {string.Join(", ", TaskFile.Tasks)}, {Arithmetic}");
        Require(Task == Arithmetic || !TaskFile.Tasks.Contains(Task) || Data is not null, $"--data: must be given, task {Task} reads its problems from a file");
        Require(Task != Arithmetic || Data is null, $"--data {Data}: task {Arithmetic} generates its problems");
        Require(Task != Arithmetic || ShotsData is null, $"--shots-data {ShotsData}: task {Arithmetic} generates its shots");
        Require(Shots is >= 0 and <= 64, $"--shots {Shots}: must be 0 … 64");
        Require(Limit >= 0, $"--limit {Limit}: must be at least 0");
        Require(Trajectories is >= 0 and <= 1024, $"--trajectories {Trajectories}: must be 0 … 1024");
        Require(!Majority || Trajectories >= 1, $"--majority: needs --trajectories of at least 1, it is {Trajectories}");
        Require(Temperature is null or (>= 0 and < double.PositiveInfinity), $"--temperature {Temperature}: must be finite and at least 0");
        Require(Level is null or (>= 1 and <= WordProblems.Levels), $"--level {Level}: must be 1 … {WordProblems.Levels}");
        Require(Level is null || Task == Arithmetic, $"--level {Level}: only task {Arithmetic} has levels");
        Require(Typos is >= 0 and <= 1, $"--typos {Typos}: must be 0 … 1");
        Require(Threads >= 0, $"--threads {Threads}: must be at least 0");
        Require(MaxTokens >= 1, $"--max-tokens {MaxTokens}: must be at least 1");
        return errors.Count == 0 ? this : throw new ArgumentException(string.Join(Environment.NewLine, errors));
    }
}

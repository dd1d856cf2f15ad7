using Dipnet.Modules.Language;
using Dipnet.Protos;
using Dipnet.Worker.Data;

namespace Dipnet.Worker.Language;

/// <summary>Opens the data sets of language jobs: text, jsonl, arithmetic.</summary>
internal static class LanguageDataSets
{
    /// <summary>Training rows of the endless generator; an epoch that no run comes to the end of.</summary>
    private const int GeneratedRows = 1 << 20;

    private const int HeldOutProblems = 400;
    private const int HeldOutRows = 64;

    /// <summary>The held-out problems do not depend on the job's seed: runs of several seeds are measured by the same ones.</summary>
    private const ulong HeldOutSeed = 0;

    /// <param name="context">Tokens that a row predicts.</param>
    /// <exception cref="DataException">A file is missing or a line is wrong; the message names file and line.</exception>
    public static LanguageData Open(JobSpec job, TextTokenizer tokenizer, int context)
    {
        var data = job.Data;
        return data.Name switch
        {
            "arithmetic" => Arithmetic(job, tokenizer, context),
            "text" => Files(data, path => SequencePacker.Running(TextFiles.Read(path, tokenizer), context, EndToken(tokenizer)), context),
            "jsonl" when data.Format == "text" =>
                Files(data, path => SequencePacker.Running(JsonLinesFile.Read(path, data.Format, tokenizer), context, EndToken(tokenizer)), context),
            "jsonl" => Files(data, path => SequencePacker.Whole(JsonLinesFile.Read(path, data.Format, tokenizer), context, EndToken(tokenizer)), context),
            _ => throw new DataException($"data.name \"{data.Name}\" with a language model: must be text, jsonl or arithmetic"),
        };
    }

    private static int EndToken(TextTokenizer tokenizer) => tokenizer.EndTokens.Count > 0 ? tokenizer.EndTokens[0] : 0;

    private static LanguageData Arithmetic(JobSpec job, TextTokenizer tokenizer, int context)
    {
        var level = (int)job.Data.Level;
        var training = new WordProblems(job.Seed, level, heldOut: false);
        var test = new WordProblems(HeldOutSeed, level, heldOut: true);
        var longest = Enumerable.Range(0, HeldOutProblems).Max(i =>
            tokenizer.Encode(WordProblems.Prompt(test[i].Question), begin: true).Count + tokenizer.EncodeContinuation(test[i].Solution).Count + 1);
        return longest <= context + 1
            ? new LanguageData(
                new ProblemSequences(training, tokenizer, context, job.Data.Limit > 0 ? (int)job.Data.Limit : GeneratedRows),
                new ProblemSequences(test, tokenizer, context, HeldOutRows),
                [.. Enumerable.Range(0, HeldOutProblems).Select(i => test[i])],
                [])
            : throw new DataException($"model.context {context}: a problem of data.level {level} takes up to {longest} tokens; must be at least that");
    }

    private static LanguageData Files(DataSpec data, Func<string, IEnumerable<PackedSequence>> pack, int context)
    {
        var all = PackedFile.Write(pack(data.Path), context) ?? throw new DataException($"data.path {data.Path}: nothing to learn in it");
        var apart = data.EvalPath.Length == 0 ? null : PackedFile.Write(pack(data.EvalPath), context)
            ?? throw new DataException($"data.eval-path {data.EvalPath}: nothing to predict in it");
        var held = apart is null ? Math.Max(1, all.Count / 10) : 0;
        var training = all.Count - held;
        if (training == 0)
        {
            throw new DataException($"data.path {data.Path}: one row of {context} tokens is all there is; lower model.context or give data.eval-path");
        }

        var used = data.Limit > 0 ? (int)Math.Min(data.Limit, training) : training;
        return new LanguageData(new SequenceRange(all, 0, used), apart is null ? new SequenceRange(all, training, held) : apart, [], apart is null ? [all] : [all, apart]);
    }
}

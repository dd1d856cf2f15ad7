namespace Dipnet.Modules.Language;

/// <summary>
/// Functions that every chat template can call. The clock's <c>strftime_now</c> is left undefined, so that a conversation always gives the same text; templates
/// ask for it before they use it and have a fixed date otherwise.
/// </summary>
internal static class TemplateGlobals
{
    // As in Jinja's sandbox.
    const long LongestRange = 100_000;

    public static void AddTo(TemplateScope scope)
    {
        scope["namespace"] = (TemplateFunction)(static a => new Dictionary<string, object?>(a.Named));
        scope["dict"] = (TemplateFunction)(static a => new Dictionary<string, object?>(a.Named));
        scope["range"] = (TemplateFunction)Range;
        scope["raise_exception"] = (TemplateFunction)(static a => throw new TemplateException(TemplateValues.Text(a.At(0, "message"))));
    }

    static object? Range(TemplateArguments arguments)
    {
        var single = arguments.Positional.Count == 1;
        var (from, to, step) = (single ? 0 : arguments.Whole(0, "start", 0), arguments.Whole(single ? 0 : 1, "stop", 0), arguments.Whole(2, "step", 1));
        if (step == 0 || (to - from) / step > LongestRange)
        {
            throw new TemplateException($"range({from}, {to}, {step}) must have a step and at most {LongestRange} numbers");
        }
        var numbers = new List<object?>();
        for (var i = from; step > 0 ? i < to : i > to; i += step)
        {
            numbers.Add(i);
        }
        return numbers;
    }
}

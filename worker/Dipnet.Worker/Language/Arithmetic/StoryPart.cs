namespace Dipnet.Worker.Language;

/// <summary>A piece of a story: plain text, or the words of a slot.</summary>
internal readonly record struct StoryPart(string Text, bool IsSlot)
{
    public static IReadOnlyList<StoryPart> Parse(string story) =>
        [.. story.Split(['{', '}']).Select((text, i) => new StoryPart(text, i % 2 == 1)).Where(p => p.Text.Length > 0)];
}

namespace Dipnet.Worker.Language;

/// <summary>The words that stories are told with.</summary>
internal static class ProblemWords
{
    /// <summary>A person's name and pronoun.</summary>
    public static readonly (string Name, string Pronoun)[] People =
    [
        ("Tom", "he"), ("Ben", "he"), ("Sam", "he"), ("Max", "he"), ("Leo", "he"), ("Dan", "he"),
        ("Anna", "she"), ("Mia", "she"), ("Eva", "she"), ("Lily", "she"), ("Zoe", "she"), ("Ruth", "she"),
    ];

    public static readonly (string One, string Many)[] Things =
    [
        ("apple", "apples"), ("book", "books"), ("card", "cards"), ("coin", "coins"), ("cup", "cups"), ("egg", "eggs"), ("marble", "marbles"), ("pen", "pens"),
        ("shell", "shells"), ("stamp", "stamps"), ("ball", "balls"), ("nut", "nuts"), ("candle", "candles"), ("ribbon", "ribbons"),
    ];

    public static readonly (string One, string Many)[] Containers =
        [("box", "boxes"), ("bag", "bags"), ("basket", "baskets"), ("jar", "jars"), ("crate", "crates")];

    public static readonly (string Base, string Present, string Past)[] Gains =
        [("find", "finds", "found"), ("buy", "buys", "bought"), ("get", "gets", "got"), ("win", "wins", "won"), ("collect", "collects", "collected")];

    public static readonly (string Base, string Present, string Past)[] Losses =
        [("lose", "loses", "lost"), ("sell", "sells", "sold"), ("give away", "gives away", "gave away"), ("break", "breaks", "broke"), ("use", "uses", "used")];

    /// <summary>Nouns that templates name themselves.</summary>
    public static readonly Dictionary<string, string> Plurals = new()
    {
        ["dollar"] = "dollars", ["day"] = "days", ["row"] = "rows", ["friend"] = "friends", ["child"] = "children", ["page"] = "pages",
    };

    /// <summary>Sentences with a number that does not matter.</summary>
    public static readonly IReadOnlyList<StoryPart>[] Distractions =
    [
        StoryPart.Parse("{A} also has {k other}. "),
        StoryPart.Parse("{A} is {k} years old. "),
        StoryPart.Parse("{A} read {k page} today. "),
        StoryPart.Parse("{k friend} {are k} here. "),
    ];
}

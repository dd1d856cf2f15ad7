namespace Dipnet.Worker.Language;

/// <summary>Every story. Held-out ones use the words of the others in sentences of their own.</summary>
internal static class ProblemTemplates
{
    public static readonly IReadOnlyList<ProblemTemplate> All =
    [
        // Sums
        Training("{A} has {a thing}. {He} {gains} {b} more. How many {things} does {A} have now?", "a+b"),
        Training("{A} had {a thing} and {gained} {b} more. How many {things} does {he} have in all?", "a+b"),
        Training("There {are a} {a thing} in a {box}. {A} puts in {b} more. How many {things} are in the {box} now?", "a+b"),
        Training("{A} has {a thing} and {B} has {b}. How many {things} do they have together?", "a+b"),
        Training("{A} {gained} {a thing} on Monday and {b} on Tuesday. How many {things} did {he} {gain} in all?", "a+b"),
        Training("{A} puts {a thing} on a table and {b} on a chair. How many {things} are there?", "a+b"),
        Training("{B} gives {A} {b thing}. {A} had {a} before. How many {things} does {A} have now?", "a+b"),
        Training("{A} has {a thing}. {B} has {b} more than {A}. How many {things} does {B} have?", "a+b"),
        Training("{A} {gained} {a thing}. Then {he} {gained} {b} more. What is the total number of {things}?", "a+b"),
        Training("One {box} holds {a thing}. Another one holds {b}. How many {things} do they hold in total?", "a+b"),
        Training("{A} {lost} {a thing} in the morning and {b} later. How many {things} did {he} {lose}?", "a+b"),
        Training("{A} needs {a thing} for school and {b} for home. How many {things} does {he} need?", "a+b"),
        Training("{A} {lost} {b thing}. Now {he} has {a} left. How many {things} did {A} have at first?", "a+b"),
        HeldOut("At first {A} had {a thing}. Later {he} {gained} {b} more. How many {things} does {A} have in total?", "a+b"),
        HeldOut("{A} and {B} put {things} on a table. {A} puts {a} there and {B} puts {b}. How many {things} are on the table?", "a+b"),
        HeldOut("A {box} has {a thing} in it. {A} puts {b} more in. How many {things} does the {box} hold now?", "a+b"),

        // Differences
        Training("{A} has {a thing}. {He} {loses} {b}. How many {things} does {A} have left?", "a-b"),
        Training("{A} had {a thing} and {lost} {b} of them. How many {things} are left?", "a-b"),
        Training("There {are a} {a thing} in a {box}. {A} takes out {b}. How many {things} are in the {box} now?", "a-b"),
        Training("{A} has {a thing} and {B} has {b}. How many more {things} does {A} have than {B}?", "a-b"),
        Training("{A} gives {B} {b thing}. {A} had {a} before. How many {things} does {A} have now?", "a-b"),
        Training("{A} needs {a thing}. {He} has {b}. How many more {things} does {he} need?", "a-b"),
        Training("{A} has {a thing}. {B} has {b} fewer than {A}. How many {things} does {B} have?", "a-b"),
        Training("{A} {gained} {a thing}, but {b} of them {was b} bad. How many {things} were good?", "a-b"),
        Training("{A} and {B} have {a thing} together. {B} has {b}. How many {things} does {A} have?", "a-b"),
        Training("A {box} holds {a thing}. {b} of them {are b} red and the others are blue. How many {things} are blue?", "a-b"),
        Training("{A} {gained} {b thing}. Now {he} has {a}. How many {things} did {A} have at first?", "a-b"),
        Training("{A} had {a thing} on Monday. On Tuesday {he} {lost} {b}. How many {things} does {he} still have?", "a-b"),
        HeldOut("At first {A} had {a thing}. Later {he} {lost} {b}. How many {things} are left?", "a-b"),
        HeldOut("{A} needs {a thing} but has only {b}. How many {things} does {he} still need?", "a-b"),
        HeldOut("A {box} has {a thing} in it. {A} takes {b} out. How many {things} are left in the {box}?", "a-b"),

        // Products
        Training("{A} has {p box}. Each {box} holds {q thing}. How many {things} does {he} have?", "p*q"),
        Training("There are {p box} on a table with {q thing} in each. How many {things} are there?", "p*q"),
        Training("{A} {gains} {q thing} a day for {p day}. How many {things} is that in all?", "p*q"),
        Training("One {thing} costs {q dollar}. How many dollars do {p thing} cost?", "p*q"),
        Training("{A} makes {p row} of {q thing}. How many {things} are there in all?", "p*q"),
        Training("{A} has {q thing}. {B} has {p} times as many. How many {things} does {B} have?", "p*q"),
        HeldOut("Each of {p child} has {q thing}. How many {things} do they have together?", "p*q"),
        HeldOut("{A} puts {q thing} into each of {p box}. How many {things} does {he} need?", "p*q"),

        // Quotients
        Training("{A} puts {a thing} into {p box} equally. How many {things} are in each {box}?", "a/p"),
        Training("{A} shares {a thing} equally among {p friend}. How many {things} does each friend get?", "a/p"),
        Training("{A} pays {a dollar} for {p thing}. How many dollars does one {thing} cost?", "a/p"),
        Training("{A} has {a thing}. {p thing} fit into a {box}. How many {boxes} does {he} need?", "a/p"),
        Training("{A} makes {p} equal rows of {a thing}. How many {things} are in a row?", "a/p"),
        HeldOut("{p child} share {a thing} equally. How many {things} does each child get?", "a/p"),
        HeldOut("{A} {lost} {a thing} in {p day}, each day the same number. How many {things} did {he} {lose} a day?", "a/p"),

        // Two steps
        Training("{A} has {a thing}. {He} {gains} {b} more and then {loses} {c}. How many {things} does {he} have now?", "a+b;x-c"),
        Training("{A} had {a thing}, {lost} {b} and then {gained} {c}. How many {things} does {A} have now?", "a-b;x+c"),
        Training("{A} has {p box} of {q thing} and {a loose thing}. How many {things} does {he} have in all?", "p*q;x+a"),
        Training("{A} has {a thing}, {B} has {b} and {C} has {c}. How many {things} do they have together?", "a+b;x+c"),
        Training("{A} has {p box} with {q thing} in each. {He} {loses} {a}. How many {things} are left?", "p*q;x-a"),
        Training("{A} has {a thing}. {B} has {b} more than {A}. How many {things} do they have together?", "a+b;a+x"),
        Training("{A} has {a thing} and {B} has {b}. They share them equally among {p friend}. How many {things} does each friend get?", "a+b;x/p"),
        Training("{A} {gained} {a thing} and {lost} {b}. {He} puts the others into {p box} equally. How many {things} are in each {box}?", "a-b;x/p"),
        Training("{A} has {a thing}. {B} has {p} times as many. How many {things} do they have together?", "a*p;a+x"),
        Training("One {thing} costs {q dollar}. {A} buys {p thing} and pays with {a dollar}. How many dollars does {he} get back?", "p*q;a-x"),
        Training("{A} has {p box} of {q thing}. {B} has {a thing}. How many more {things} does {A} have than {B}?", "p*q;x-a"),
        Training("There are {a thing}. {b} {are b} red, {c} {are c} blue and the others are green. How many {things} are green?", "b+c;a-x"),
        Training("{A} {gains} {q thing} a day for {p day} and then {loses} {a}. How many {things} does {he} have left?", "p*q;x-a"),
        HeldOut("At first {A} had {a thing}. {He} {lost} {b} and later {gained} {c}. How many {things} does {A} have in total?", "a-b;x+c"),
        HeldOut("{A} puts {q thing} into each of {p box} and has {a} left. How many {things} did {he} have at first?", "p*q;x+a"),
        HeldOut("{A} has {a thing} and {B} has {b} fewer. How many {things} do they have in all?", "a-b;a+x"),
        HeldOut("{A} puts {a thing} on a table and {B} puts {b} there. {p child} share them equally. How many {things} does each child get?", "a+b;x/p"),
        HeldOut("{A} buys {p thing} for {q dollar} each and a cake for {a dollar}. How many dollars does {he} pay?", "p*q;x+a"),

        // Three steps and more
        Training("{A} has {p box} of {q thing} and {a loose thing}. {He} {loses} {b}. How many {things} does {he} have now?", "p*q;x+a;y-b"),
        Training("{A} {gained} {a thing} on Monday, {b} on Tuesday and {c} on Friday. {He} {lost} {d} of them. How many {things} are left?", "a+b;x+c;y-d"),
        Training("{A} has {a thing}. {B} has {b} more than {A}. {C} has {p} times as many as {B}. How many {things} do {B} and {C} have together?", "a+b;x*p;x+y"),
        Training("One {thing} costs {q dollar}. {A} buys {p thing} and a cake for {a dollar}. {He} pays with {b dollar}. How many dollars does {he} get back?", "p*q;x+a;b-y"),
        Training("{A} has {a thing} and {B} has {b}. They {lose} {c} and share the others equally among {p friend}. How many {things} does each friend get?", "a+b;x-c;y/p"),
        Training("{A} has {p box} of {q thing}. {B} has {r box} of {s thing}. How many {things} do they have together?", "p*q;r*s;x+y"),
        Training("{A} has {p box} of {q thing}. {B} has {r box} of {s thing}. How many more {things} does {A} have than {B}?", "p*q;r*s;x-y"),
        Training("{A} had {a thing}. {He} {gained} {q} a day for {p day} and then {lost} {b}. How many {things} does {he} have now?", "p*q;a+x;y-b"),
        Training("{A} has {a thing}, {B} has {p} times as many and {C} has {b} fewer than {B}. How many {things} do {A} and {C} have together?", "a*p;x-b;a+y"),
        Training("{A} has {p box} of {q thing}. {B} has {r box} of {s thing}. They {lose} {a}. How many {things} are left?", "p*q;r*s;x+y;z-a"),
        HeldOut("At first {A} had {a thing}. {He} {lost} {b}, {gained} {c} and put all into {p box} equally. How many {things} are in each {box}?", "a-b;x+c;y/p"),
        HeldOut("{A} puts {q thing} into each of {p box} and {B} puts {s} into each of {r box}. {a} of the {things} {are a} red. How many are not red?", "p*q;r*s;x+y;z-a"),
        HeldOut("{A} had {b dollar}. {He} buys {p thing} for {q dollar} each and a cake for {a dollar}. How many dollars are left?", "p*q;x+a;b-y"),
        HeldOut("{A} has {a thing}, {B} has {b} more than {A} and {C} has {c} fewer than {B}. How many {things} do {A} and {C} have in all?", "a+b;x-c;a+y"),
    ];

    private static ProblemTemplate Training(string story, string steps) => new(story, steps, heldOut: false);

    private static ProblemTemplate HeldOut(string story, string steps) => new(story, steps, heldOut: true);
}

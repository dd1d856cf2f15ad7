namespace Dipnet.Worker.Language;

/// <summary>One operation of a template: two variables and one of + − × ÷.</summary>
internal readonly record struct ProblemStep(char Left, char Operation, char Right)
{
    /// <summary>The result; null when it is not a whole number of at least 1, which a story cannot tell.</summary>
    public static int? Result(int left, char operation, int right)
    {
        var result = operation switch
        {
            '+' => left + right,
            '-' => left - right,
            '*' => left * right,
            _ => left % right == 0 ? left / right : 0,
        };
        return result > 0 ? result : null;
    }
}

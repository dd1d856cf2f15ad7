using Dipnet.Modules.Language;

namespace Dipnet.Worker.Language;

/// <summary>How many threads an operator gets while tokens are generated one by one.</summary>
internal static class DecodeThreads
{
    // A token reads every weight once. Below this size that takes less time than threads take to meet after each of the small products.
    private const long SmallModel = 16_000_000;

    public static int For(DecoderModel model) => model.Config.ParameterCount < SmallModel ? 1 : Environment.ProcessorCount;
}

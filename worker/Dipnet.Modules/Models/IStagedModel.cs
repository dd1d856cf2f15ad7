using static TorchSharp.torch;

namespace Dipnet.Modules;

/// <summary>A model that is a chain of stages (halves of transformer blocks, layers, the head), so that an exchange can overlap backward without knowing the model.</summary>
public interface IStagedModel
{
    /// <summary>
    /// The stages in forward order, each as full names of the modules whose parameters it uses ("blocks.0"). A module that lies in another one belongs to
    /// the last stage that names either: see <see cref="StageIndex"/>.
    /// </summary>
    IReadOnlyList<IReadOnlyList<string>> Stages { get; }

    /// <summary>
    /// Called as x = Tap(i, x) with the input of stage i, before its projection. A <see cref="BackwardTap"/> put here fires in backward when the gradients of
    /// all parameters of stages ≥ i are complete. Parameters before stage 0 (an embedding) are complete when backward returns.
    /// </summary>
    Func<int, Tensor, Tensor>? Tap { get; set; }
}

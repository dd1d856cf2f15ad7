using Dipnet.Modules;
using Dipnet.Protos;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Worker.Training;

/// <summary>
/// What a job trains: model, data, loss and evaluation. Every value is a pure function of the job and the arguments, so that any worker can compute any
/// microbatch. Training thread only.
/// </summary>
public interface IWorkload : IDisposable
{
    torch.nn.Module Model { get; }

    /// <summary>Forward order, group weights first, then projections; frozen parameters are left out.</summary>
    IReadOnlyList<TrainableParameter> Parameters { get; }

    /// <summary>Buffers that a forward pass changes (batch norm's statistics).</summary>
    IReadOnlyList<Tensor> RunningState { get; }

    /// <summary>Samples of the training set.</summary>
    int TrainingSamples { get; }

    /// <summary>Forward pass of one microbatch; the caller runs backward on the total and disposes the terms.</summary>
    /// <param name="sampleIds">Numbers of the samples, as many in every microbatch.</param>
    /// <param name="step">0 is the first.</param>
    /// <param name="microbatch">Leaf of the step.</param>
    LossTerms Loss(ReadOnlySpan<int> sampleIds, ulong step, int microbatch);

    /// <summary>Samples, or target tokens of a language model, of the newest <see cref="Loss"/>.</summary>
    long Targets { get; }

    /// <summary>Seconds that the newest <see cref="Loss"/> spent on its data.</summary>
    double DataSeconds { get; }

    /// <summary>Evaluates the test batches whose number leaves <paramref name="part"/> on division by <paramref name="parts"/>; the sums over all parts do not depend on their number.</summary>
    EvalCounts Evaluate(int part, int parts, CancellationToken interrupt);

    /// <summary>σ of every projection.</summary>
    IReadOnlyList<LayerSigma> Sigma();

    /// <summary>Called with the input of stage i on the way forward; what it returns goes on. Null: not called.</summary>
    Func<int, Tensor, Tensor>? Tap { set; }
}

using Dipnet.Modules;
using Dipnet.Modules.Language;
using static TorchSharp.torch;

namespace Dipnet.Worker.Language;

/// <summary>A batch of packed sequences as tensors, in the current dispose scope.</summary>
/// <param name="Input">Tokens [b, t]; documents and positions where a row holds more than one document.</param>
/// <param name="Places">Where in the flattened [b·t] hidden states the targets are predicted, int64 [n].</param>
/// <param name="Labels">The targets, int64 [n].</param>
/// <param name="TargetCount">n, at least 1.</param>
internal sealed record SequenceBatch(DecoderInput Input, Tensor Places, Tensor Labels, long TargetCount)
{
    public static SequenceBatch Of(ISequenceSet set, ReadOnlySpan<int> ids, Device device)
    {
        var rows = new PackedSequence[ids.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = set[ids[i]];
        }

        var length = rows[0].Tokens.Length - 1;
        var masked = rows.Any(static r => r.NeedsMask);
        var tokens = new long[rows.Length * length];
        var documents = masked ? new long[tokens.Length] : [];
        var positions = masked ? new long[tokens.Length] : [];
        var places = new List<long>(tokens.Length);
        var labels = new List<long>(tokens.Length);
        for (var row = 0; row < rows.Length; row++)
        {
            var (from, source) = (row * length, rows[row]);
            for (var i = 0; i < length; i++)
            {
                tokens[from + i] = source.Tokens[i];
                if (masked)
                {
                    documents[from + i] = source.Documents[i];
                    positions[from + i] = i > 0 && source.Documents[i] == source.Documents[i - 1] ? positions[from + i - 1] + 1 : 0;
                }

                if (source.Targets[i + 1])
                {
                    places.Add(from + i);
                    labels.Add(source.Tokens[i + 1]);
                }
            }
        }

        Tensor Grid(long[] values) => DeviceTensor.Send(tensor(values, [rows.Length, length]), device);

        Tensor Row(List<long> values) => DeviceTensor.Send(tensor(values.ToArray()), device);

        return new SequenceBatch(
            new DecoderInput(Grid(tokens), masked ? Grid(documents) : null, masked ? Grid(positions) : null),
            Row(places), Row(labels), places.Count);
    }
}

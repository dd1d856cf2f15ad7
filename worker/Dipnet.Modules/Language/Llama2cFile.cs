using System.Buffers.Binary;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules.Language;

/// <summary>
/// Loads the legacy model file of llama2.c: seven int32 (dim, hidden_dim, n_layers, n_heads, n_kv_heads, vocab_size, seq_len; a negative vocab_size means a
/// head of its own), then fp32 tensors with layers stacked, then two tables of angles that are not needed.
/// </summary>
/// <remarks>Its rotary pairs are neighbours (2i, 2i + 1); rows of query and key weights are reordered to (i, i + half), which changes no result.</remarks>
public static class Llama2cFile
{
    /// <exception cref="ModelFormatException">A number of the header is out of range or the length does not follow from it.</exception>
    public static DecoderModel Load(string path, ProjectionOptions? projections = null)
    {
        var config = ReadHeader(path);
        var model = new DecoderModel(config);
        FillAll(model, path);
        if (projections is not null)
        {
            model.AddProjections(projections);
        }
        return model;
    }

    static void FillAll(DecoderModel model, string path)
    {
        var config = model.Config;
        using var stream = File.OpenRead(path);
        stream.Position = 28;
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var parameters = DecoderTensors.Plain(model).ToDictionary(static p => p.Name, static p => p.Parameter);
        void Fill(string name) => ReadFloats(stream, parameters[name]);
        void FillLayers(string name, int pairedHeads = 0)
        {
            for (var i = 0; i < config.Layers; i++)
            {
                var parameter = parameters[$"model.layers.{i}.{name}.weight"];
                ReadFloats(stream, parameter);
                if (pairedHeads > 0)
                {
                    var split = parameter.view(pairedHeads, config.HeadWidth / 2, 2, config.Width).transpose(1, 2).reshape(parameter.shape);
                    parameter.copy_(split);
                }
            }
        }
        Fill("model.embed_tokens.weight");
        FillLayers("input_layernorm");
        FillLayers("self_attn.q_proj", config.Heads);
        FillLayers("self_attn.k_proj", config.KeyValueHeads);
        FillLayers("self_attn.v_proj");
        FillLayers("self_attn.o_proj");
        FillLayers("post_attention_layernorm");
        FillLayers("mlp.gate_proj");
        FillLayers("mlp.down_proj");
        FillLayers("mlp.up_proj");
        Fill("model.norm.weight");
        if (!config.TiedHead)
        {
            stream.Seek((long)config.Context * config.HeadWidth * sizeof(float), SeekOrigin.Current);
            Fill("lm_head.weight");
        }
    }

    static DecoderConfig ReadHeader(string path)
    {
        Span<byte> head = stackalloc byte[28];
        using var stream = File.OpenRead(path);
        if (stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length)
        {
            throw new ModelFormatException(path, "is shorter than the header of a llama2.c model (28 bytes)");
        }
        var n = new int[7];
        for (var i = 0; i < n.Length; i++)
        {
            n[i] = BinaryPrimitives.ReadInt32LittleEndian(head[(4 * i)..]);
        }
        var (dim, hidden, layers, heads, keyHeads, vocabulary, context) = (n[0], n[1], n[2], n[3], n[4], Math.Abs((long)n[5]), n[6]);
        if (dim is < 1 or > 1 << 20 || hidden is < 1 or > 1 << 24 || layers is < 1 or > 10_000 || heads < 1 || keyHeads < 1 || vocabulary is < 1 or > 1 << 26
            || context is < 1 or > 1 << 24 || dim % heads != 0 || heads % keyHeads != 0 || dim / heads % 2 != 0)
        {
            throw new ModelFormatException(path, $"header {string.Join(", ", n)} is not that of a llama2.c model (dim, hidden_dim, n_layers, n_heads, n_kv_heads, vocab_size, seq_len)");
        }
        var config = new DecoderConfig
        {
            Family = DecoderFamily.Llama,
            ModelType = "llama",
            VocabularySize = (int)vocabulary,
            Width = dim,
            HiddenWidth = hidden,
            Layers = layers,
            Heads = heads,
            KeyValueHeads = keyHeads,
            HeadWidth = dim / heads,
            Context = context,
            NormEpsilon = 1e-5,
            TiedHead = n[5] > 0,
            BeginToken = 1,
            EndTokens = [2],
        };
        var expected = 28 + sizeof(float) * (config.ParameterCount + (long)context * config.HeadWidth);
        if (stream.Length != expected)
        {
            throw new ModelFormatException(path, $"is {stream.Length} bytes long, its header asks for {expected}");
        }
        return config;
    }

    static unsafe void ReadFloats(Stream stream, Tensor into)
    {
        var pointer = (byte*)BlobTensor.Pointer(into);
        var bytes = into.numel() * sizeof(float);
        for (long done = 0; done < bytes;)
        {
            var piece = (int)Math.Min(1 << 26, bytes - done);
            stream.ReadExactly(new Span<byte>(pointer + done, piece));
            done += piece;
        }
    }
}

namespace Dipnet.Modules.Language;

/// <summary>The two block designs that are known.</summary>
public enum DecoderFamily
{
    /// <summary>RMSNorm, rotary positions, grouped-query attention, SwiGLU: Llama, Qwen2/2.5, Mistral, SmolLM.</summary>
    Llama,

    /// <summary>LayerNorm, learned positions, fused query-key-value, GELU.</summary>
    Gpt2,
}

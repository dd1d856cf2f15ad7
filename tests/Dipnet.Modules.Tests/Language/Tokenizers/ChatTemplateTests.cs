using System.Text.Json;
using Dipnet.Modules.Language;

namespace Dipnet.Modules.Tests.Language.Tokenizers;

/// <summary>Expected texts are those that Jinja2 with the settings of the usual chat libraries gives.</summary>
public sealed class ChatTemplateTests
{
    static readonly ChatMessage[] Full =
    [
        new("system", "You are a helpful assistant"),
        new("user", "Hello"),
        new("assistant", "Hi there"),
        new("user", " Who are\nyou "),
        new("assistant", "   I am an assistant   "),
        new("user", "Another question"),
    ];

    [Theory]
    [InlineData(nameof(ChatTemplateTexts.Zephyr), 0, 6, true,
        "<|system|>\nYou are a helpful assistant</s>\n<|user|>\nHello</s>\n<|assistant|>\nHi there</s>\n<|user|>\n Who are\nyou </s>\n<|assistant|>\n   I am an assistant   </s>\n<|user|>\nAnother question</s>\n<|assistant|>\n")]
    [InlineData(nameof(ChatTemplateTexts.Llama2), 0, 6, true,
        "<s>[INST] <<SYS>>\nYou are a helpful assistant\n<</SYS>>\n\nHello [/INST] Hi there </s><s>[INST] Who are\nyou [/INST] I am an assistant </s><s>[INST] Another question [/INST]")]
    [InlineData(nameof(ChatTemplateTexts.Llama2), 1, 6, false,
        "<s>[INST] Hello [/INST] Hi there </s><s>[INST] Who are\nyou [/INST] I am an assistant </s><s>[INST] Another question [/INST]")]
    [InlineData(nameof(ChatTemplateTexts.Llama3), 1, 3, true,
        "<s><|start_header_id|>user<|end_header_id|>\n\nHello<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nHi there<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n")]
    [InlineData(nameof(ChatTemplateTexts.Llama3), 1, 3, false,
        "<s><|start_header_id|>user<|end_header_id|>\n\nHello<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nHi there<|eot_id|>")]
    [InlineData(nameof(ChatTemplateTexts.Mistral), 1, 6, true,
        "<s>[INST] Hello [/INST]Hi there</s>[INST]  Who are\nyou  [/INST]   I am an assistant   </s>[INST] Another question [/INST]")]
    [InlineData(nameof(ChatTemplateTexts.Gemma), 1, 6, true,
        "<s><start_of_turn>user\nHello<end_of_turn>\n<start_of_turn>model\nHi there<end_of_turn>\n<start_of_turn>user\nWho are\nyou<end_of_turn>\n<start_of_turn>model\nI am an assistant<end_of_turn>\n<start_of_turn>user\nAnother question<end_of_turn>\n<start_of_turn>model\n")]
    [InlineData(nameof(ChatTemplateTexts.Smol), 0, 6, true,
        "<|im_start|>system\nYou are a helpful assistant<|im_end|>\n<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\nHi there<|im_end|>\n<|im_start|>user\n Who are\nyou <|im_end|>\n<|im_start|>assistant\n   I am an assistant   <|im_end|>\n<|im_start|>user\nAnother question<|im_end|>\n<|im_start|>assistant\n")]
    [InlineData(nameof(ChatTemplateTexts.Smol), 1, 3, false,
        "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\nHi there<|im_end|>\n")]
    [InlineData(nameof(ChatTemplateTexts.Qwen25), 0, 6, false,
        "<|im_start|>system\nYou are a helpful assistant<|im_end|>\n<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\nHi there<|im_end|>\n<|im_start|>user\n Who are\nyou <|im_end|>\n<|im_start|>assistant\n   I am an assistant   <|im_end|>\n<|im_start|>user\nAnother question<|im_end|>\n")]
    [InlineData(nameof(ChatTemplateTexts.Qwen25), 1, 3, true,
        "<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\nHi there<|im_end|>\n<|im_start|>assistant\n")]
    [InlineData(nameof(ChatTemplateTexts.Everything), 0, 6, true,
        "#USER: Hello\n#ASSISTANT: Hi there\n#USER: Who are you\nb=[1, 2.5, true, null],\na={\"x\\\"\": \"é\\n\"}\n{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}\nkept user 3 -4 2 3.5 8 3 cba bc 2+3\nsystem,user,assistant,user,assistant,user 3 False d |\nTrue b False 1 X Y None True qr True 3 True\n   kept indent end")]
    public void Render_FamilyTemplate_IsTheReference(string template, int from, int to, bool prompt, string expected) =>
        Assert.Equal(expected, Template(ChatTemplateTexts.Named(template)).Render(Full[from..to], prompt));

    [Theory]
    [InlineData("{{ [1, 2, 1, 'B', 'b', none] | unique | list | length }} {{ [0, 1, 2] | select | list | length }} {{ [1, 2, 3] | reject('equalto', 2) | join('+') }}", "4 2 1+3")]
    [InlineData("{{ ['a', 'b'] | select('in', ['b']) | first }} {{ {'b': 1, 'A': 2} | dictsort | first | join('=') }} {{ 'x' | nothing if false else 'y' }}", "b A=2 y")]
    [InlineData("{{ 2.50 }} {{ 123456789012345680.0 }} {{ 0.0001 }} {{ 0.00001 }} {{ 1500000000000000.5 }} {{ 100.0 }} {{ 0.0 }} {{ -12.125 }}",
        "2.5 1.2345678901234568e+17 0.0001 1e-05 1500000000000000.5 100.0 0.0 -12.125")]
    public void Render_FiltersAndNumbers_AreThoseOfJinja(string template, string expected) => Assert.Equal(expected, Template(template).Render(Full, prompt: false));

    [Fact]
    public void Render_CallsFieldsAndTools_AreSeenByTheTemplate()
    {
        using var json = JsonDocument.Parse("""{"tools": [{"type": "function", "function": {"name": "f", "x": 10000000000000000.0}}], "arguments": {"a": [1, 2.0, 1e-7, null, "é"]}, "id": "t1"}""");
        var template = Template(
            "{{ tools | tojson if tools else 'none' }}|{% for m in messages %}{{ m.tool_calls | tojson if 'tool_calls' in m else m.content ~ ' ' ~ m.tool_call_id }}{{ '|' if not loop.last }}{% endfor %}");
        ChatMessage[] messages =
        [
            new("assistant", null) { ToolCalls = [new ToolCall("f", json.RootElement.GetProperty("arguments"), "t1")] },
            new("tool", "7") { Fields = new Dictionary<string, JsonElement> { ["tool_call_id"] = json.RootElement.GetProperty("id") } },
        ];

        Assert.Equal(
            """[{"type": "function", "function": {"name": "f", "x": 1e+16}}]|[{"id": "t1", "type": "function", "function": {"name": "f", "arguments": {"a": [1, 2.0, 1e-07, null, "é"]}}}]|7 t1""",
            template.Render(messages, prompt: false, [.. json.RootElement.GetProperty("tools").EnumerateArray()]));
        Assert.StartsWith("none|", template.Render(messages, prompt: false), StringComparison.Ordinal);
    }

    [Fact]
    public void Render_WholeNumberBeyond64Bits_IsRefused()
    {
        using var json = JsonDocument.Parse("18446744073709551616");

        var error = Assert.Throws<ModelFormatException>(() => Template("{{ tools }}").Render(Full, prompt: false, [json.RootElement]));

        Assert.Equal("a.json: the number 18446744073709551616 must fit into 64 bits", error.Message);
    }

    [Fact]
    public void Render_ChatMl_IsTurnByTurn() => Assert.Equal(
        "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n", ChatTemplate.ChatMl.Render(Full[1..2], prompt: true));

    [Fact]
    public void Render_ConversationThatTheTemplateRefuses_GivesItsWordsAndFile()
    {
        var error = Assert.Throws<ModelFormatException>(() => Template(ChatTemplateTexts.Mistral).Render(Full, prompt: true));
        Assert.Equal("a.json: Conversation roles must alternate user/assistant/user/assistant/...", error.Message);
    }

    [Theory]
    [InlineData("{% include 'x' %}", "line 1: the statement 'include' is not supported")]
    [InlineData("\n{{ a | rot13 }}", "the filter 'rot13' is not supported")]
    [InlineData("{{ a is prime }}", "the test 'prime' is not supported")]
    [InlineData("{% if a %}", "elif or else or endif is missing")]
    [InlineData("{% endif %}", "the statement 'endif' is not supported")]
    [InlineData("{{ a.b.c }}", "'a' is undefined and has no 'b'")]
    [InlineData("{{ messages() }}", "a list cannot be called")]
    [InlineData("{{ 'a' + 1 }}", "+ cannot be applied to a text and a number")]
    [InlineData("{{ messages }}", "a list cannot be written as text")]
    [InlineData("{{ 1 / 0 }}", "division by zero")]
    [InlineData("{{ 'a", "'\'' is not understood")]
    [InlineData("{{ a", "ends inside a tag")]
    [InlineData("{# a", "a comment does not end")]
    [InlineData("{{ strftime_now('%Y') }}", "'strftime_now', which is undefined, cannot be called")]
    public void Render_WhatIsNotSupported_IsNamed(string template, string message) =>
        Assert.Contains(message, Assert.Throws<ModelFormatException>(() => Template(template).Render(Full, prompt: false)).Message, StringComparison.Ordinal);

    static ChatTemplate Template(string source) => new(source, "a.json", new Dictionary<string, string> { ["bos_token"] = "<s>", ["eos_token"] = "</s>" });
}

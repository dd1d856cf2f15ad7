using static TorchSharp.torch;

namespace Dipnet.Modules.Language;

/// <summary>A named level of the parameter tree without computation, so that parameters have the names that model files give them.</summary>
internal sealed class ModuleTree(string name) : nn.Module(name)
{
    public T Add<T>(string child, T module) where T : nn.Module
    {
        register_module(child, module);
        return module;
    }
}

using System.CommandLine;
using System.Text.Json;
using Dipnet.Worker.Devices;
using Dipnet.Worker.Hosting;

namespace Dipnet.Worker.Commands;

/// <summary><c>devices</c>: one line of JSON with the GPUs that workers of this host can use, for the command that starts them.</summary>
internal static class DevicesCommand
{
    public static Command Create()
    {
        var command = new Command("devices", "Print the GPUs that workers can use, as JSON.") { Hidden = true };
        command.SetAction(_ =>
        {
            var state = CudaHost.Look();
            Console.WriteLine(Answer(state));
            return ExitCode.Completed;
        });
        return command;
    }

    internal static string Answer(CudaState state) => JsonSerializer.Serialize(new { gpus = state.Devices, problem = state.Problem });
}

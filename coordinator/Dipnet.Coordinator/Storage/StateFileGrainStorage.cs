using System.Globalization;
using System.Text.Json;
using Orleans.Storage;

namespace Dipnet.Coordinator.Storage;

/// <summary>Grains' state as JSON in the <see cref="StateFile"/>.</summary>
internal sealed class StateFileGrainStorage(StateFile file) : IGrainStorage
{
    /// <summary>The provider's name.</summary>
    public const string Name = "state-file";

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var stored = await file.ReadAsync(stateName, grainId.ToString());
        grainState.RecordExists = stored is not null;
        grainState.ETag = stored?.Version.ToString(CultureInfo.InvariantCulture);
        if (stored is not null)
        {
            grainState.State = JsonSerializer.Deserialize<T>(stored.Value)!;
        }
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var expected = grainState.ETag is null ? 0 : long.Parse(grainState.ETag, CultureInfo.InvariantCulture);
        var version = await file.WriteAsync(stateName, grainId.ToString(), JsonSerializer.SerializeToUtf8Bytes(grainState.State), expected)
            ?? throw new InconsistentStateException($"{stateName} of {grainId} was written by another since version {expected}");
        grainState.ETag = version.ToString(CultureInfo.InvariantCulture);
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await file.ClearAsync(stateName, grainId.ToString());
        grainState.RecordExists = false;
        grainState.ETag = null;
    }
}

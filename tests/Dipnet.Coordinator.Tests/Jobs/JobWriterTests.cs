using CsCheck;
using Dipnet.Coordinator.Jobs;
using Dipnet.Protos;
using Google.Protobuf.Reflection;
using Xunit;

namespace Dipnet.Coordinator.Tests.Jobs;

public sealed class JobWriterTests
{
    private static readonly Gen<(string Key, string Value)> AnyValue =
        Gen.OneOf(JobKeys.All.ToArray()).SelectMany(key => Value(key).Select(value => (key.Path, value)));

    [Fact]
    public void Write_AnyLoadedJob_LoadsToTheSameJob()
    {
        var loaded = 0;
        AnyValue.List[0, 12].Sample(
            values =>
            {
                var load = JobFile.Parse("", "x.yaml", [.. values.Select(pair => new JobOverride("--set", pair.Key, pair.Value))]);
                if (load.Job is null)
                {
                    return;
                }

                Interlocked.Increment(ref loaded);
                var again = JobFile.Parse(JobWriter.Write(load.Job), "other.yaml", []);
                Assert.Empty(again.Errors);
                Assert.Equal(load.Job, again.Job);
                Assert.Empty(JobRules.Validate(load.Job));
            },
            iter: 3000);

        Assert.True(loaded > 100, $"only {loaded} of the random jobs were valid");
    }

    [Fact]
    public void Table_AndContract_HaveTheSameKeys()
    {
        Assert.Equal(Leaves(JobSpec.Descriptor, "").Order(), JobKeys.All.Select(key => key.Path).Order());
    }

    private static IEnumerable<string> Leaves(MessageDescriptor message, string prefix) =>
        message.Fields.InDeclarationOrder().SelectMany(field =>
        {
            var path = prefix + field.Name.Replace('_', '-');
            return field.FieldType == FieldType.Message ? Leaves(field.MessageType, path + ".") : [path];
        });

    private static Gen<string> Value(JobKey key)
    {
        if (key.Choices.Count > 0)
        {
            return Gen.OneOf(key.Choices.ToArray());
        }

        var low = key.Minimum ?? 0;
        var high = key.Maximum ?? ulong.MaxValue;
        return key.Type switch
        {
            FieldType.Bool => Gen.Bool.Select(flag => flag ? "true" : "false"),
            FieldType.Float => Gen.Single.Select(number => JobKey.Format(number)),
            FieldType.UInt32 => Gen.OneOf(Gen.UInt[(uint)low, (uint)high], Gen.UInt[(uint)low, (uint)Math.Min(high, 64)], Gen.OneOf(2u, 4u, 8u, 16u))
                .Select(number => JobKey.Format(number)),
            FieldType.UInt64 => Gen.ULong.Select(number => JobKey.Format(number)),
            _ => Gen.OneOf("", "null", "~", "a b", "x: y", "# no", "true", "1", "'q'", "\"", "ä\t\n", "cuda:0,1", "cpu", "name-1"),
        };
    }
}

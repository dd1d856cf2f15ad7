using Dipnet.Exchange;
using Dipnet.Modules;
using Dipnet.Worker.Devices;
using Dipnet.Worker.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Worker.Tests.Devices;

public sealed unsafe class DeviceStagingTests : IDisposable
{
    private const int Elements = 64;

    private readonly DeferredCopies _copies = new(seed: 1);
    private readonly ParameterLayout _layout = new([("weight", [4, 16], ParameterGroup.Weights, 0)]);
    private readonly GradientArena _arena;
    private readonly TorchSharp.Modules.Parameter _parameter;
    private readonly DeviceStaging _staging;

    public DeviceStagingTests()
    {
        _arena = new GradientArena(_layout.Gradients(1 << 20), 3);
        _parameter = nn.Parameter(torch.full([4, 16], 7f));
        _staging = new DeviceStaging(
            [new TrainableParameter("weight", _parameter, ParameterGroup.Weights, 0)], _layout, _arena, torch.CPU, new Accelerator(_copies, new HostKernels()));
    }

    public void Dispose()
    {
        _staging.Dispose();
        _copies.Dispose();
        _arena.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Publish_CopiesCompleteInAnyOrder_RangesArriveInOrderAndWhole(int seed)
    {
        var random = new Random(seed);
        var arrived = new List<int>();
        var seen = new List<float>();
        var expected = new List<float>();
        for (var step = 0; step < 20; step++)
        {
            Leaf(slot: 0, onto: false, step);
            Leaf(slot: 2, onto: false, step + 100);
            // The order of backward: from the end of the weights to their start, in pieces of 16 elements, of both sums.
            for (var piece = 3; piece >= 0; piece--)
            {
                var (id, from) = (step * 4 + (3 - piece), piece * 16);
                expected.AddRange([step, step + 100]);
                _staging.Publish([0, 2], from, from + 16, () =>
                {
                    arrived.Add(id);
                    seen.AddRange([_arena.Slot(0)[from + random.Next(16)], _arena.Slot(2)[from + random.Next(16)]]);
                });
            }

            _staging.Drain();
        }

        Assert.Equal(Enumerable.Range(0, 80), arrived);
        Assert.Equal(expected, seen);
        Assert.True(_copies.Early > 0, "no copy happened out of turn");
    }

    [Fact]
    public void Bind_OntoANeighbour_IsOneAddition()
    {
        Leaf(slot: 1, onto: false, 0.1f);
        Leaf(slot: 1, onto: true, 0.2f);

        Assert.Equal(0.1f + 0.2f, Published(1)[5]);
    }

    [Fact]
    public void Add_OtherSlots_AreAddedInOrderWithinTheRange()
    {
        Leaf(slot: 0, onto: false, 1e8f);
        Leaf(slot: 1, onto: false, -1e8f);
        Leaf(slot: 2, onto: false, 1f);
        _staging.Add(2, [0, 1], 16, 64);

        Assert.Equal(1f, Published(2)[15]);
        Assert.Equal(1f + 1e8f - 1e8f, Published(2)[16]);
    }

    [Fact]
    public void Bind_ASlotOfAnEarlierStep_StartsFromZero()
    {
        Leaf(slot: 0, onto: false, 3);
        Leaf(slot: 0, onto: false, 4);

        Assert.Equal(4f, Published(0)[Elements - 1]);
    }

    [Fact]
    public void Drain_WhatWasPublishedThrew_ThrowsItAndLaterRangesAreNotHandedOut()
    {
        var later = 0;
        Leaf(slot: 0, onto: false, 1);
        _staging.Publish([0], 16, 32, () => throw new InvalidOperationException("refused"));
        _staging.Publish([0], 0, 16, () => later++);

        Assert.Equal("refused", Assert.Throws<InvalidOperationException>(_staging.Drain).Message);
        Assert.Equal(0, later);
        _staging.Drain();
    }

    [Fact]
    public void Sum_BucketsOfOthers_AreOnTheDeviceBeforeItComputesAndLeavesStay()
    {
        var values = Enumerable.Range(0, Elements).Select(i => (float)i).ToArray();
        Leaf(slot: 0, onto: false, 3);
        _staging.BeginSum();
        fixed (float* host = values)
        {
            _staging.BucketReduced([new ReducedSpan((nint)(host + 32), 32, 16), new ReducedSpan((nint)(host + 48), 48, 16)]);
            _staging.BucketReduced([new ReducedSpan((nint)host, 0, 32)]);
        }

        Assert.Equal(values, new Span<float>((float*)_staging.Sum(null), Elements).ToArray());
        Assert.Equal(["after 1", "after 2", "after 3"], _copies.Calls.Where(call => call.StartsWith("after", StringComparison.Ordinal)).Order());
        Assert.Equal(3f, Published(0)[Elements - 1]);
    }

    [Fact]
    public void Sum_ABucketIsOnItsWay_WaitsForIt()
    {
        var values = new float[Elements];
        nint sum = 0;
        _staging.BeginSum();
        Take(values, 0, 32);
        var waiter = new Thread(() => sum = _staging.Sum(null));
        waiter.Start();
        Assert.False(waiter.Join(50));

        values.AsSpan(32).Fill(5);
        Take(values, 32, 32);
        Assert.True(waiter.Join(20_000));
        Assert.Equal(values, new Span<float>((void*)sum, Elements).ToArray());
    }

    [Fact]
    public void BeginSum_TheStepBeforeWasInterrupted_StartsAgain()
    {
        var values = Enumerable.Repeat(1f, Elements).ToArray();
        _staging.BeginSum();
        Take(values, 0, 32);

        values.AsSpan().Fill(2);
        _staging.BeginSum();
        Take(values, 0, Elements);

        Assert.Equal(values, new Span<float>((void*)_staging.Sum(null), Elements).ToArray());
    }

    [Fact]
    public void Sum_ComputedByTheDeviceItself_IsNotCopied()
    {
        Leaf(slot: 1, onto: false, 2);

        Assert.Equal(2f, ((float*)_staging.Sum(1))[Elements - 1]);
        Assert.Empty(_copies.Calls);
    }

    private void Take(float[] values, int from, int count)
    {
        fixed (float* host = values)
        {
            _staging.BucketReduced([new ReducedSpan((nint)(host + from), from, count)]);
        }
    }

    private void Leaf(int slot, bool onto, float value)
    {
        _staging.Bind(slot, onto);
        using var loss = (_parameter * value).sum();
        loss.backward();
    }

    private float[] Published(int slot)
    {
        _staging.Publish([slot], 0, Elements, () => { });
        _staging.Drain();
        return new Span<float>(_arena.Slot(slot), Elements).ToArray();
    }
}

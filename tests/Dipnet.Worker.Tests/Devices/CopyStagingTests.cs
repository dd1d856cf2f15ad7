using Dipnet.Exchange;
using Dipnet.Modules;
using Dipnet.Worker.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Worker.Tests.Devices;

public sealed unsafe class CopyStagingTests : IDisposable
{
    private const int Elements = 64;

    private readonly DeferredCopies _copies = new(seed: 1);
    private readonly ParameterLayout _layout = new([("weight", [4, 16], ParameterGroup.Weights, 0)]);
    private readonly TrainingState _state;
    private readonly GradientArena _arena;
    private readonly TorchSharp.Modules.Parameter _parameter;
    private readonly CopyStaging _staging;

    public CopyStagingTests()
    {
        _state = new TrainingState(_layout, secondMoment: true);
        _arena = new GradientArena(_layout.Gradients(1 << 20), 3);
        _parameter = nn.Parameter(torch.full([4, 16], 7f));
        _staging = new CopyStaging([new TrainableParameter("weight", _parameter, ParameterGroup.Weights, 0)], _state, _arena, torch.CPU, _copies);
    }

    public void Dispose()
    {
        if (!_copies.IsDisposed)
        {
            _staging.Dispose();
        }

        _arena.Dispose();
        _state.Dispose();
    }

    [Fact]
    public void Constructor_ParametersOfTheModel_AreTheStates()
    {
        Assert.Equal(7f, _state.Parameters[Elements - 1]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Collect_CopiesCompleteInAnyOrder_BucketsArriveInOrderAndWhole(int seed)
    {
        var random = new Random(seed);
        var arrived = new List<int>();
        var seen = new List<float>();
        var expected = new List<float>();
        for (var leaf = 0; leaf < 20; leaf++)
        {
            var slot = leaf % 3;
            _staging.Bind(slot, onto: false);
            Backward(leaf + 1);
            // The order of backward: from the end of the weights to their start, in pieces of 16 elements.
            for (var piece = 3; piece >= 0; piece--)
            {
                var (id, from) = (leaf * 4 + (3 - piece), piece * 16);
                expected.Add(leaf + 1);
                _staging.Collect(slot, onto: false, from, from + 16, () =>
                {
                    arrived.Add(id);
                    seen.Add(_arena.Slot(slot)[from + random.Next(16)]);
                });
            }
        }

        _staging.Drain();
        Assert.Equal(Enumerable.Range(0, 80), arrived);
        Assert.Equal(expected, seen);
        Assert.True(_copies.Early > 0, "no copy happened out of turn");
    }

    [Fact]
    public void Collect_OntoANeighbour_IsOneAddition()
    {
        Leaf(slot: 1, onto: false, 0.1f);
        Leaf(slot: 1, onto: true, 0.2f);
        _staging.Drain();

        Assert.Equal(0.1f + 0.2f, _arena.Slot(1)[5]);
    }

    [Fact]
    public void Bind_NextLeaf_ZeroesTheGradientOnlyAfterItsCopies()
    {
        Leaf(slot: 0, onto: false, 3);
        _staging.Bind(1, onto: false);
        _staging.Drain();

        Assert.Equal(3f, _arena.Slot(0)[Elements - 1]);
        Assert.Contains("after 0", _copies.Calls);
    }

    [Fact]
    public void Drain_WhatArrivedThrew_ThrowsItAndLaterBucketsDoNotArrive()
    {
        var later = 0;
        _staging.Bind(0, onto: false);
        _staging.Collect(0, false, 16, 32, () => throw new InvalidOperationException("refused"));
        _staging.Collect(0, false, 0, 16, () => later++);

        Assert.Equal("refused", Assert.Throws<InvalidOperationException>(_staging.Drain).Message);
        Assert.Equal(0, later);
        _staging.Drain();
    }

    [Fact]
    public void ParametersChanged_Ranges_AreOnTheDeviceBeforeItComputes()
    {
        for (var i = 0; i < Elements; i++)
        {
            _state.Parameters[i] = i;
        }

        _staging.ParametersChanged(0, 32);
        _staging.ParametersChanged(32, Elements);

        Assert.Equal(["to-device 0", "after 0", "to-device 1", "after 1"], _copies.Calls);
        Assert.Equal(Elements - 1, _parameter[3, 15].item<float>());
    }

    [Fact]
    public void BeginChange_CopiesOfParametersUnderWay_WaitsForEach()
    {
        _staging.ParametersChanged(0, 32);
        _staging.ParametersChanged(32, Elements);
        _copies.Calls.Clear();
        _staging.BeginChange();

        Assert.Equal(["wait 0", "wait 1", "release 0", "release 1"], _copies.Calls);
    }

    [Fact]
    public void Dispose_BucketsUnderWay_LeavesNothingBehind()
    {
        Leaf(slot: 0, onto: false, 1);
        _staging.ParametersChanged(0, Elements);
        _staging.Dispose();

        Assert.True(_copies.IsDisposed);
    }

    private void Leaf(int slot, bool onto, float value)
    {
        _staging.Bind(slot, onto);
        Backward(value);
        _staging.Collect(slot, onto, 0, Elements, () => { });
    }

    private void Backward(float value)
    {
        using var loss = (_parameter * value).sum();
        loss.backward();
    }
}

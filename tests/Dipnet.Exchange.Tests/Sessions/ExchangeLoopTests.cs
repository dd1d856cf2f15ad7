namespace Dipnet.Exchange.Tests;

public sealed class ExchangeLoopTests
{
    [Fact]
    public async Task Loop_WorkThatComesAfterItsThreadEnded_IsTakenWhenItIsFreed()
    {
        await using var cluster = await Cluster.StartAsync(2, ["a", "b"]);
        using var frame = new SessionFrame(cluster.Options([0, 1], 0, 1, TransportChoice.Grpc, WireFormat.Fp32));
        var loop = new ExchangeLoop(frame, _ => { }, _ => { });
        var taken = 0;
        loop.Stop();

        // A connection that closes rings the loop once more.
        loop.Post(() => taken++);
        Assert.Equal(0, taken);
        loop.Dispose();
        Assert.Equal(1, taken);
    }
}

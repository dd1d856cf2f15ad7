using Grpc.AspNetCore.Server.Model;

namespace Dipnet.Exchange;

/// <summary>Binds <see cref="ExchangeService"/> with our own marshallers instead of the generated ones.</summary>
internal sealed class ExchangeMethodProvider : IServiceMethodProvider<ExchangeService>
{
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<ExchangeService> context)
    {
        context.AddServerStreamingMethod(ExchangeMethods.ServePull, [], (service, request, writer, call) => service.Pull(request, writer, call));
        context.AddServerStreamingMethod(ExchangeMethods.ServeState, [], (service, request, writer, call) => service.PullState(request, writer, call));
        context.AddUnaryMethod(ExchangeMethods.Ping, [], (service, request, call) => service.Ping(request, call));
    }
}

using Dipnet.Coordinator.Catalog;
using Dipnet.Protos;
using Grpc.Core;

namespace Dipnet.Coordinator.Control;

/// <summary>The clients' service.</summary>
internal sealed class JobsService(IJobCatalog catalog) : Protos.Jobs.JobsBase
{
    private const int ListedByDefault = 50;

    public override Task<SubmitReply> Submit(SubmitRequest request, ServerCallContext context) =>
        Refusable(() => catalog.SubmitAsync(request, context.CancellationToken));

    public override async Task<JobSnapshot> Get(JobRequest request, ServerCallContext context) =>
        Found(await catalog.GetAsync(request.JobId, context.CancellationToken), request.JobId);

    public override async Task Watch(JobRequest request, IServerStreamWriter<JobSnapshot> responseStream, ServerCallContext context)
    {
        var any = false;
        await foreach (var snapshot in catalog.WatchAsync(request.JobId, context.CancellationToken))
        {
            any = true;
            await responseStream.WriteAsync(snapshot, context.CancellationToken);
        }

        if (!any)
        {
            throw NotFound(request.JobId);
        }
    }

    public override async Task<ListReply> List(ListRequest request, ServerCallContext context)
    {
        var reply = new ListReply();
        reply.Jobs.AddRange(await catalog.ListAsync(request.Limit == 0 ? ListedByDefault : (int)request.Limit, context.CancellationToken));
        return reply;
    }

    public override async Task<JobSnapshot> Cancel(JobRequest request, ServerCallContext context) =>
        Found(
        request.Failure.Length > 0
            ? await catalog.FailAsync(request.JobId, request.Failure, context.CancellationToken)
            : await catalog.CancelAsync(request.JobId, context.CancellationToken),
        request.JobId);

    public override async Task<JobSnapshot> Scale(ScaleRequest request, ServerCallContext context) =>
        Found(await Refusable(() => catalog.ScaleAsync(request.JobId, (int)request.Workers, context.CancellationToken)), request.JobId);

    private static JobSnapshot Found(JobSnapshot? snapshot, string jobId) => snapshot ?? throw NotFound(jobId);

    private static RpcException NotFound(string jobId) => new(new Status(StatusCode.NotFound, $"there is no job {jobId}"));

    private static async Task<T> Refusable<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (JobRefusedException e)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, e.Message));
        }
    }
}

namespace Dipnet.Exchange;

internal unsafe struct SumSource
{
    public void* Pointer;
    public SourceFormat Format;
}

namespace Dipnet.Worker.Data;

/// <summary>A training and a test part with the same shape.</summary>
public sealed record DataSet(ImageSet Training, ImageSet Test);

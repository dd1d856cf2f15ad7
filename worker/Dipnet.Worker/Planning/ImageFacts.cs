namespace Dipnet.Worker.Planning;

/// <summary>Shape of the images of a classification set: side in pixels, channels, classes.</summary>
internal sealed record ImageFacts(int Side, int Channels, int Classes)
{
    /// <exception cref="ArgumentException">No image set of that name.</exception>
    public static ImageFacts Of(string dataSet) => dataSet switch
    {
        "digits" => new(8, 1, 10),
        "mnist" or "fashion-mnist" => new(28, 1, 10),
        "cifar10" => new(32, 3, 10),
        _ => throw new ArgumentException($"data.name \"{dataSet}\": is not a set of images"),
    };
}

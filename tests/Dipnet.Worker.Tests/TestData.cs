namespace Dipnet.Worker.Tests;

/// <summary>Files that are not part of the repository: a pretrained model and public texts. The folder is named by DIPNET_TEST_DATA.</summary>
internal static class TestData
{
    /// <summary>The full path of a file of the data folder; false when it is absent (an error in continuous integration).</summary>
    public static bool TryFind(string name, out string path)
    {
        var folder = Environment.GetEnvironmentVariable("DIPNET_TEST_DATA");
        path = Path.Combine(folder ?? "", name);
        if (folder is not null && Path.Exists(path))
        {
            return true;
        }

        if (Environment.GetEnvironmentVariable("CI") == "true")
        {
            throw new FileNotFoundException($"DIPNET_TEST_DATA ('{folder}') has no {name}; continuous integration runs every test", path);
        }

        Console.WriteLine($"Not run: {name} is not in DIPNET_TEST_DATA ('{folder}').");
        return false;
    }
}

using System.Text.Json;

namespace Dipnet.Coordinator.Tests.Kubernetes;

public sealed class ManifestTests
{
    [Fact]
    public void Manifests_AgainstTheApi_HaveNoError()
    {
        if (Schema() is not { } schema)
        {
            return;
        }

        var manifests = Manifests.All().ToList();
        Assert.Contains(manifests, manifest => manifest.Name == "workers.yaml Job");
        Assert.Contains(manifests, manifest => manifest.Name == "coordinator.yaml Deployment");
        Assert.Empty(manifests.SelectMany(manifest => schema.Check(manifest.Fields).Select(error => $"{manifest.Name}: {error}")));
    }

    [Theory]
    [InlineData("kind: Service\napiVersion: v1\nspec: {port: 1}", "Service.spec.port: unknown field")]
    [InlineData("kind: Service\napiVersion: v1\nspec: {ports: [{port: a}]}", "Service.spec.ports[0].port: text 'a' where integer is due")]
    [InlineData("kind: Service\napiVersion: v1\nspec: {ports: [{name: a}]}", "Service.spec.ports[0].port: missing, and required")]
    [InlineData("kind: Service\napiVersion: v1\nspec: {selector: {a: 1}}", "Service.spec.selector.a: 1 where string is due")]
    [InlineData("kind: Service\napiVersion: v9", "apiVersion v9, kind Service: the API has no such object")]
    public void Check_OfAWrongManifest_NamesTheField(string manifest, string error)
    {
        if (Schema() is { } schema)
        {
            Assert.Equal([error], schema.Check(Manifests.Parse(manifest).Single()));
        }
    }

    [Fact]
    public void Pods_AreAllowedUnderTheRestrictedStandard()
    {
        foreach (var (name, pod) in Pods())
        {
            var security = Object(pod, "securityContext");
            Assert.True((bool)security["runAsNonRoot"]!, name);
            Assert.Equal("RuntimeDefault", Object(security, "seccompProfile")["type"]);
            Assert.False((bool)pod["automountServiceAccountToken"]!, name);
            foreach (var container in List(pod, "containers").Cast<IDictionary<object, object?>>())
            {
                var own = Object(container, "securityContext");
                Assert.False((bool)own["allowPrivilegeEscalation"]!, name);
                Assert.True((bool)own["readOnlyRootFilesystem"]!, name);
                Assert.Equal(["ALL"], List(Object(own, "capabilities"), "drop"));
                Assert.DoesNotContain("privileged", own.Keys);
                var mounted = List(container, "volumeMounts").Cast<IDictionary<object, object?>>().Select(mount => mount["name"]);
                Assert.Subset(List(pod, "volumes").Cast<IDictionary<object, object?>>().Select(volume => volume["name"]).ToHashSet(), mounted.ToHashSet());
            }
        }
    }

    [Fact]
    public void WorkersJob_ScalesAsAWhole()
    {
        var spec = Object(Manifests.All().Single(manifest => manifest.Name == "workers.yaml Job").Fields, "spec");

        Assert.Equal("Indexed", spec["completionMode"]);
        Assert.Equal(spec["completions"], spec["parallelism"]);
        Assert.Equal("Never", Object(Object(spec, "template"), "spec")["restartPolicy"]);
        Assert.Equal("Failed", spec["podReplacementPolicy"]);
    }

    [Fact]
    public void Kustomization_NamesEveryManifest()
    {
        var kustomization = (IDictionary<object, object?>)Manifests.Parse(File.ReadAllText(Path.Combine(Manifests.Folder, "kustomization.yaml"))).Single()!;
        var files = Directory.GetFiles(Manifests.Folder, "*.yaml").Select(Path.GetFileName).Where(file => file != "kustomization.yaml");

        Assert.Equal(files.Order(), List(kustomization, "resources").Cast<string>().Order());
    }

    private static IEnumerable<(string Name, IDictionary<object, object?> Pod)> Pods() =>
        from manifest in Manifests.All()
        where manifest.Fields["kind"] is "Deployment" or "Job"
        select (manifest.Name, Object(Object(Object(manifest.Fields, "spec"), "template"), "spec"));

    private static IDictionary<object, object?> Object(IDictionary<object, object?> fields, string name) => (IDictionary<object, object?>)fields[name]!;

    private static IList<object?> List(IDictionary<object, object?> fields, string name) => (IList<object?>)fields[name]!;

    private static KubernetesSchema? Schema()
    {
        var file = Path.Combine(Environment.GetEnvironmentVariable("DIPNET_TEST_DATA") ?? "", "kubernetes/openapi-1.36.json");
        if (File.Exists(file))
        {
            return new(JsonDocument.Parse(File.ReadAllBytes(file)).RootElement);
        }

        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", $"DIPNET_TEST_DATA names no folder with kubernetes/openapi-1.36.json; looked for '{file}'.");
        Console.WriteLine($"The manifests were not checked against the Kubernetes API: {file} is absent (DIPNET_TEST_DATA).");
        return null;
    }
}

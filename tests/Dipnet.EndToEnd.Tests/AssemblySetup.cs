// Each test starts several training processes; together they would only wait for each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Dipnet.Exchange;

/// <summary>The two groups of trained parameters. Each has its own optimizer settings; projections always travel as fp32.</summary>
public enum ParameterGroup
{
    Weights,
    Projections,
}

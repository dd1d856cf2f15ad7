namespace Dipnet.Modules;

/// <summary>What a run of noise is for. Different purposes of one key are independent.</summary>
public enum NoisePurpose
{
    /// <summary>The noise of projections in a training step.</summary>
    Training = 0,

    /// <summary>The noise of projections in prediction and evaluation.</summary>
    Prediction = 1,

    /// <summary>Initial values of parameters.</summary>
    Initialisation = 2,

    /// <summary>Noise added to inputs by an evaluation, random starts of attacks, corruptions.</summary>
    Corruption = 3,

    /// <summary>Probe vectors of the smoothness measures.</summary>
    Probe = 4,

    /// <summary>Dropout.</summary>
    Dropout = 5,

    /// <summary>Augmentation of training data.</summary>
    Augmentation = 6,

    /// <summary>Sampling of tokens.</summary>
    Generation = 7,

    /// <summary>Initial values of low-rank adapters.</summary>
    Adapter = 8,
}

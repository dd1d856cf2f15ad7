namespace Dipnet.Worker.Language;

/// <summary>A data set as packed sequences; a sample id of the job is the number of one. A pure function of the id.</summary>
internal interface ISequenceSet
{
    int Count { get; }

    PackedSequence this[int id] { get; }
}

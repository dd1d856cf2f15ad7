namespace Dipnet.Modules.Language;

/// <summary>A token that is found in the text by its name, before anything else is done to the text.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Never empty.</param>
/// <param name="Special">Only read where special tokens are asked for, and left out of decoded text.</param>
/// <param name="StripLeft">White space before it belongs to it.</param>
/// <param name="StripRight">White space after it belongs to it.</param>
internal sealed record AddedToken(int Id, string Name, bool Special = true, bool StripLeft = false, bool StripRight = false);

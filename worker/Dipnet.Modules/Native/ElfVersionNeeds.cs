using System.Buffers.Binary;
using System.Text;

namespace Dipnet.Modules;

/// <summary>Edits the symbol version needs of a 64-bit little-endian ELF image (section .gnu.version_r).</summary>
internal static class ElfVersionNeeds
{
    private const uint VersionNeedSection = 0x6ffffffe;
    private const byte WeakFlag = 2;

    /// <summary>
    /// Marks every need of <paramref name="version"/> as weak, so that the dynamic loader accepts a library that lacks it. This is right only
    /// where no symbol of that version is really used. Returns how many needs were marked.
    /// </summary>
    public static int Weaken(Span<byte> image, string version)
    {
        if (image.Length < 64 || BinaryPrimitives.ReadUInt32BigEndian(image) != 0x7f454c46 || image[4] != 2 || image[5] != 1)
            throw new BadImageFormatException("not a 64-bit little-endian ELF file");
        var sections = (int)BinaryPrimitives.ReadUInt64LittleEndian(image[0x28..]);
        int size = BinaryPrimitives.ReadUInt16LittleEndian(image[0x3A..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(image[0x3C..]);
        var marked = 0;
        for (var i = 0; i < count; i++)
        {
            var section = image[(sections + i * size)..];
            if (BinaryPrimitives.ReadUInt32LittleEndian(section[4..]) != VersionNeedSection)
                continue;
            var offset = (int)BinaryPrimitives.ReadUInt64LittleEndian(section[24..]);
            var link = (int)BinaryPrimitives.ReadUInt32LittleEndian(section[40..]);
            var strings = (int)BinaryPrimitives.ReadUInt64LittleEndian(image[(sections + link * size + 24)..]);
            marked += WeakenSection(image, offset, strings, version);
        }
        return marked;
    }

    // Verneed: {u16 version, u16 count, u32 file, u32 aux, u32 next}; Vernaux: {u32 hash, u16 flags, u16 other, u32 name, u32 next}.
    private static int WeakenSection(Span<byte> image, int need, int strings, string version)
    {
        var marked = 0;
        while (true)
        {
            int count = BinaryPrimitives.ReadUInt16LittleEndian(image[(need + 2)..]);
            var aux = need + (int)BinaryPrimitives.ReadUInt32LittleEndian(image[(need + 8)..]);
            for (var k = 0; k < count; k++)
            {
                var name = image[(strings + (int)BinaryPrimitives.ReadUInt32LittleEndian(image[(aux + 8)..]))..];
                if (Encoding.ASCII.GetString(name[..name.IndexOf((byte)0)]) == version)
                {
                    image[aux + 4] |= WeakFlag;
                    marked++;
                }
                aux += (int)BinaryPrimitives.ReadUInt32LittleEndian(image[(aux + 12)..]);
            }
            var next = (int)BinaryPrimitives.ReadUInt32LittleEndian(image[(need + 12)..]);
            if (next == 0)
                return marked;
            need += next;
        }
    }
}

using System.Collections.Frozen;

namespace AsrHub.Rtc.Transcription.Whisper;

/// <summary>
/// The printable characters by which byte-level vocabularies write bytes: printable Latin-1 stands for itself, the others for code points
/// from 256 up in order.
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] Characters = Build();

    private static readonly FrozenDictionary<char, byte> Bytes =
        Enumerable.Range(0, 256).ToFrozenDictionary(value => Characters[value], value => (byte)value);

    /// <summary>The character that stands for a byte.</summary>
    /// <param name="value">The byte.</param>
    public static char Character(byte value)
    {
        return Characters[value];
    }

    /// <summary>The bytes that a vocabulary entry stands for, or null when one of its characters stands for none.</summary>
    /// <param name="entry">Entry of the vocabulary.</param>
    public static byte[]? TryBytes(string entry)
    {
        var bytes = new byte[entry.Length];
        for (int i = 0; i < entry.Length; i++)
        {
            if (!Bytes.TryGetValue(entry[i], out bytes[i]))
            {
                return null;
            }
        }

        return bytes;
    }

    private static char[] Build()
    {
        var characters = new char[256];
        char next = (char)256;
        for (int value = 0; value < 256; value++)
        {
            bool isPrintable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            characters[value] = isPrintable ? (char)value : next++;
        }

        return characters;
    }
}

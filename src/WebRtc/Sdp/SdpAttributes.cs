namespace AsrHub.Rtc.WebRtc.Sdp;

/// <summary>The attributes of a session or of one media section, in their order.</summary>
public sealed class SdpAttributes
{
    private readonly List<SdpAttributeLine> _items = [];

    /// <summary>All of them.</summary>
    public IReadOnlyList<SdpAttributeLine> Items => _items;

    /// <summary>Value of the first attribute of this name; null when there is none.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var item in _items)
            {
                if (item.Name == name)
                {
                    return item.Value;
                }
            }

            return null;
        }
    }

    /// <summary>True when there is an attribute of this name.</summary>
    public bool Has(string name) => this[name] is not null;

    /// <summary>True when a space-separated list attribute of this name holds a word.</summary>
    public bool HasWord(string name, string word)
    {
        foreach (var item in _items)
        {
            if (item.Name == name)
            {
                foreach (var range in item.Value.AsSpan().Split(' '))
                {
                    if (item.Value.AsSpan()[range].SequenceEqual(word))
                    {
                        return true;
                    }
                }
            }
        }

        return false;
    }

    internal void Add(string name, string value) => _items.Add(new SdpAttributeLine(name, value));
}

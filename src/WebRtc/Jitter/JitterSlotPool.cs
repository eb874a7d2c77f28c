namespace AsrHub.Rtc.WebRtc.Jitter;

/// <summary>
/// A bounded stack of slots, made when first needed. A stream in order lives on two of them; only one that is torn by loss or read too slowly has more.
/// </summary>
internal sealed class JitterSlotPool(int limit)
{
    private JitterSlot[] _free = new JitterSlot[4];
    private int _freeCount;
    private int _made;

    public JitterSlot? TryRent()
    {
        if (_freeCount > 0)
        {
            return _free[--_freeCount];
        }

        if (_made == limit)
        {
            return null;
        }

        _made++;
        return new JitterSlot();
    }

    public void Return(JitterSlot slot)
    {
        if (_freeCount == _free.Length)
        {
            Array.Resize(ref _free, Math.Min(limit, _free.Length * 2));
        }

        _free[_freeCount++] = slot;
    }
}

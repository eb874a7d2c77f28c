using AsrHub.Rtc.Transcription.Events;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Sessions;

/// <summary>The items of a session and what clients hear of them, in the order in which they were spoken.</summary>
internal sealed class ItemBook(SessionContext context)
{
    private readonly Queue<Item> _items = new();
    private string? _lastCommitted;

    /// <summary>Whether items wait for their text.</summary>
    public bool IsEmpty => _items.Count == 0;

    /// <summary>Opens an item.</summary>
    public Item Open(SessionSettings settings, ModelInfo model)
    {
        var item = new Item("item_" + Guid.CreateVersion7().ToString("N"), settings, model);
        _items.Enqueue(item);
        return item;
    }

    public void SpeechStarted(Item item, long sample)
    {
        item.IsAnnounced = true;
        _ = context.Log.Append(new TranscriptEvent.SpeechStarted(item.Id, SessionContext.Milliseconds(sample)));
    }

    public void SpeechStopped(Item item, long sample) =>
        _ = context.Log.Append(new TranscriptEvent.SpeechStopped(item.Id, SessionContext.Milliseconds(sample)));

    /// <summary>No more speech comes to the item.</summary>
    public void Commit(Item item)
    {
        item.IsClosed = true;
        item.IsAnnounced = true;
        _ = context.Log.Append(new TranscriptEvent.Committed(item.Id, _lastCommitted));
        _lastCommitted = item.Id;
    }

    /// <summary>The client threw the item's audio away.</summary>
    public static void Drop(Item item)
    {
        foreach (var utterance in item.Utterances)
        {
            utterance.ReleaseAudio();
        }

        item.Utterances.Clear();
        item.IsClosed = true;
        item.Failure = new ErrorDetail(
            ErrorTypes.InvalidRequest, ErrorCodes.AudioCleared, "The audio of this item was cleared before it was committed; speak again.");
    }

    /// <summary>Takes in what a pass heard of an utterance that is still spoken.</summary>
    public void Hear(Utterance utterance, PassResult result, int spokenMs, int sinceSpokenMs, long until)
    {
        Say(utterance, utterance.Text.Committed, utterance.Text.Update(result.Text, spokenMs, sinceSpokenMs, result.TokenEnds, result.Confidences));
        Show(utterance.Item, utterance, until);
    }

    /// <summary>Nothing has been said since the last pass over an utterance.</summary>
    public void Wait(Utterance utterance, int sinceSpokenMs)
    {
        var before = utterance.Text.Committed;
        var delta = utterance.Text.Wait(sinceSpokenMs);
        if (delta.Length > 0)
        {
            Say(utterance, before, delta);
            Show(utterance.Item, utterance, utterance.HeardUntil);
        }
    }

    /// <summary>Publishes what is ready, oldest first.</summary>
    public void Publish()
    {
        while (_items.TryPeek(out var item))
        {
            while (item.Utterances.TryPeek(out var utterance) && utterance.IsDone)
            {
                _ = item.Utterances.Dequeue();
                Finish(item, utterance);
            }

            if (!item.IsClosed || item.Utterances.Count > 0)
            {
                return;
            }

            _ = _items.Dequeue();
            Close(item);
        }
    }

    /// <summary>Gives up what has no text yet.</summary>
    public void FailAll(ErrorDetail error)
    {
        foreach (var item in _items)
        {
            item.IsClosed = true;
            item.Failure ??= error;
            foreach (var utterance in item.Utterances)
            {
                utterance.ReleaseAudio();
            }

            item.Utterances.Clear();
        }

        Publish();
    }

    private void Finish(Item item, Utterance utterance)
    {
        item.Failure ??= utterance.Failure;
        item.AudioSamples += utterance.End - utterance.Start;
        item.Language ??= utterance.Final?.Language;
        if (utterance.Failure is null && utterance.FinalText.Length > 0)
        {
            Say(utterance, utterance.Text.Committed, utterance.Text.Finish(utterance.FinalText));
            item.Text += Item.Separator(item.Text, utterance.FinalText) + utterance.FinalText;

            // Where the text is not the final's own, its words would not be those of the text.
            var offset = (int)SessionContext.Milliseconds(utterance.Lead);
            var words = utterance.Final is { } final && final.Text.Trim() == utterance.FinalText ? final.Words : [];
            item.LacksWords |= words.Count == 0;
            foreach (var word in words)
            {
                item.Words.Add(word with { StartMs = Math.Max(0, word.StartMs + offset), EndMs = Math.Max(0, word.EndMs + offset) });
            }
        }

        utterance.ReleaseAudio();
    }

    private void Close(Item item)
    {
        if (!item.IsAnnounced)
        {
            return;
        }

        if (item.Failure is { } failure)
        {
            _ = context.Log.Append(new TranscriptEvent.Failed(item.Id, failure));
            return;
        }

        if (item.Settings.Include.HasFlag(SessionIncludes.Words) && item.Words.Count > 0 && !item.LacksWords)
        {
            _ = context.Log.Append(new TranscriptEvent.Words(item.Id, item.Words));
        }

        _ = context.Log.Append(new TranscriptEvent.Completed(item.Id, item.Text, item.AudioSamples / 16_000.0, item.Language ?? item.Settings.Language));
    }

    private void Say(Utterance utterance, string before, string delta)
    {
        if (delta.Length > 0)
        {
            var item = utterance.Item;
            item.IsAnnounced = true;
            delta = before.Length == 0 ? Item.Separator(item.Said, delta) + delta : delta;
            item.Said += delta;
            _ = context.Log.Append(new TranscriptEvent.Delta(item.Id, delta));
        }
    }

    private void Show(Item item, Utterance utterance, long until)
    {
        if (!item.Settings.Include.HasFlag(SessionIncludes.Interim))
        {
            return;
        }

        var text = utterance.Text;
        var tail = text.Committed.Length > 0 ? text.Tail : Item.Separator(item.Said, text.Tail) + text.Tail;
        if (item.Shown == (item.Said, tail))
        {
            return;
        }

        item.Shown = (item.Said, tail);
        item.IsAnnounced = true;
        _ = context.Log.Append(new TranscriptEvent.Interim(item.Id, ++item.Revision, item.Said, tail, SessionContext.Milliseconds(until)));
    }
}

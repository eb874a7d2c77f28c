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
        var item = utterance.Item;
        var before = utterance.Text.Committed;
        var delta = utterance.Text.Update(result.Text, spokenMs, sinceSpokenMs);
        Say(item, utterance, before, delta);
        Show(item, utterance, until);
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
            var before = utterance.Text.Committed;
            Say(item, utterance, before, utterance.Text.Finish(utterance.FinalText));
            item.Text += item.Separator(utterance.FinalText) + utterance.FinalText;

            // Where the text is not the final's own, its words would not be those of the text.
            var offset = (int)SessionContext.Milliseconds(utterance.Lead);
            foreach (var word in utterance.Final is { } final && final.Text.Trim() == utterance.FinalText ? final.Words : [])
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

        if (item.Settings.Include.HasFlag(SessionIncludes.Words) && item.Words.Count > 0)
        {
            _ = context.Log.Append(new TranscriptEvent.Words(item.Id, item.Words));
        }

        _ = context.Log.Append(new TranscriptEvent.Completed(item.Id, item.Text, item.AudioSamples / 16_000.0, item.Language ?? item.Settings.Language));
    }

    private void Say(Item item, Utterance utterance, string before, string delta)
    {
        if (delta.Length > 0)
        {
            item.IsAnnounced = true;
            _ = context.Log.Append(new TranscriptEvent.Delta(item.Id, before.Length == 0 ? item.Separator(delta) + delta : delta));
        }
    }

    private void Show(Item item, Utterance utterance, long until)
    {
        if (!item.Settings.Include.HasFlag(SessionIncludes.Interim))
        {
            return;
        }

        var text = utterance.Text;
        var committed = item.Text + (text.Committed.Length > 0 ? item.Separator(text.Committed) + text.Committed : "");
        var tail = text.Committed.Length > 0 ? text.Tail : item.Separator(text.Tail) + text.Tail;
        if (item.Shown == (committed, tail))
        {
            return;
        }

        item.Shown = (committed, tail);
        item.IsAnnounced = true;
        _ = context.Log.Append(new TranscriptEvent.Interim(item.Id, ++item.Revision, committed, tail, SessionContext.Milliseconds(until)));
    }
}

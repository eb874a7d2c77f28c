using AsrHub.Rtc.Transcription.Models.Preparation.Proto;

namespace AsrHub.Rtc.Transcription.Models.Preparation;

/// <summary>One graph while it is changed: who makes a value, and whether anybody still reads it.</summary>
internal sealed class GraphView
{
    private readonly GraphProto _graph;
    private readonly Dictionary<string, NodeProto> _makers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _elements = new(StringComparer.Ordinal);

    /// <summary>Looks at a graph.</summary>
    /// <param name="graph">The graph.</param>
    public GraphView(GraphProto graph)
    {
        _graph = graph;
        foreach (NodeProto node in graph.Node)
        {
            foreach (string output in node.Output)
            {
                _makers[output] = node;
            }
        }

        foreach (TensorProto tensor in graph.Initializer)
        {
            _elements[tensor.Name] = (int)Math.Min(tensor.Dims.Aggregate(1L, (product, dimension) => product * dimension), int.MaxValue);
        }
    }

    /// <summary>The node that makes a value in this graph, if one does.</summary>
    /// <param name="value">Name of the value.</param>
    public NodeProto? Maker(string value)
    {
        return _makers.GetValueOrDefault(value);
    }

    /// <summary>
    /// Whether a value is an attention's scale: one stored number, or a root, which nothing else in an attention is. What is rewritten is
    /// compared with the original before it is used, should an export have another idea.
    /// </summary>
    /// <param name="value">Name of the value.</param>
    public bool IsScale(string value)
    {
        return _elements.GetValueOrDefault(value) == 1 || Maker(value) is { OpType: "Sqrt" or "Constant" };
    }

    /// <summary>Puts nodes in the place of one.</summary>
    /// <param name="node">The node that goes.</param>
    /// <param name="others">Those that come.</param>
    public void Replace(NodeProto node, params ReadOnlySpan<NodeProto> others)
    {
        int at = _graph.Node.IndexOf(node);
        _graph.Node.RemoveAt(at);
        foreach (NodeProto other in others)
        {
            _graph.Node.Insert(at++, other);
        }
    }

    /// <summary>Puts a node before another.</summary>
    /// <param name="node">The one that stays.</param>
    /// <param name="other">The one that comes.</param>
    public void InsertBefore(NodeProto node, NodeProto other)
    {
        _graph.Node.Insert(_graph.Node.IndexOf(node), other);
    }

    /// <summary>Makes a node read something else.</summary>
    /// <param name="node">The node.</param>
    /// <param name="input">Which of its inputs.</param>
    /// <param name="value">What it reads from now on.</param>
    public static void Read(NodeProto node, int input, string value)
    {
        node.Input[input] = value;
    }

    /// <summary>Removes nodes whose outputs nobody reads any more.</summary>
    public void RemoveUnread()
    {
        bool removed = true;
        while (removed)
        {
            var read = new HashSet<string>(_graph.Output.Select(output => output.Name), StringComparer.Ordinal);
            foreach (GraphProto graph in SourceGraph.Nested(_graph))
            {
                read.UnionWith(graph.Node.SelectMany(node => node.Input));
                read.UnionWith(graph.Output.Select(output => output.Name));
            }

            removed = false;
            for (int i = _graph.Node.Count - 1; i >= 0; i--)
            {
                if (!_graph.Node[i].Output.Any(read.Contains))
                {
                    _graph.Node.RemoveAt(i);
                    removed = true;
                }
            }
        }
    }
}

using System.Text.RegularExpressions;
using AsrHub.Rtc.Transcription.Models.Preparation.Proto;
using AsrHub.Rtc.Transcription.Recognition;

namespace AsrHub.Rtc.Transcription.Models.Preparation;

/// <summary>Finds weights in an export of a transformer by what exporters keep of the original names.</summary>
internal sealed partial class ExportNames
{
    private const string Product = "MatMulInteger";
    private readonly SourceGraph _source;
    private readonly Dictionary<string, string> _tensors = new(StringComparer.Ordinal);
    private readonly List<List<NodeProto>> _products = [];

    /// <summary>Looks at an export.</summary>
    /// <param name="source">The export.</param>
    public ExportNames(SourceGraph source)
    {
        _source = source;
        foreach (GraphProto graph in SourceGraph.Nested(source.Model.Graph))
        {
            foreach (TensorProto tensor in graph.Initializer)
            {
                _tensors.TryAdd(Merged().Replace(tensor.Name, ""), tensor.Name);
            }

            _products.Add([.. graph.Node.Where(static node => node.OpType == Product)]);
        }
    }

    /// <summary>Numbers of a float tensor.</summary>
    /// <param name="ending">The end of its name, from a dot on.</param>
    /// <exception cref="RecognizerException">There is none.</exception>
    public float[] Floats(string ending)
    {
        foreach ((string name, string full) in _tensors)
        {
            if (name.EndsWith(ending, StringComparison.Ordinal) && (name.Length == ending.Length || name[^(ending.Length + 1)] == '.'))
            {
                return _source.Floats(full);
            }
        }

        throw Missing($"tensor '{ending}'");
    }

    /// <summary>How many layers have a projection.</summary>
    /// <param name="projection">Its name.</param>
    public int Count(string projection)
    {
        return _products.Max(products => products.Count(node => IsOf(node, projection)));
    }

    /// <summary>Weights of a projection.</summary>
    /// <param name="projection">Its name, perhaps with that of its part of the layer before it.</param>
    /// <param name="layer">Which layer's.</param>
    /// <exception cref="RecognizerException">There is none of 8 bits.</exception>
    public QuantizedWeights Weights(string projection, int layer)
    {
        foreach (List<NodeProto> products in _products)
        {
            List<NodeProto> all = [.. products.Where(node => IsOf(node, projection))];

            // Where names do not tell the layer, the order does.
            NodeProto? node = all.Find(node => node.Name.Contains($"layers.{layer}/", StringComparison.Ordinal))
                ?? (all.Exists(static node => node.Name.Contains("layers.", StringComparison.Ordinal)) ? null : all.ElementAtOrDefault(layer));
            if (node is not null)
            {
                return _source.Weights(node.Name);
            }
        }

        throw Missing($"8-bit product '{projection}' of layer {layer}");
    }

    /// <summary>What turns the decoder's numbers into scores: the largest product, or the table of tokens.</summary>
    /// <param name="width">Numbers that go in.</param>
    /// <exception cref="RecognizerException">There is none of 8 bits.</exception>
    public QuantizedWeights Logits(int width)
    {
        return LargestProduct(width) ?? Table()?.Transposed() ?? throw Missing("8-bit table of tokens");
    }

    /// <summary>What turns tokens into numbers, where that is not the matrix of <see cref="Logits"/>.</summary>
    /// <param name="width">Numbers of a token.</param>
    public QuantizedWeights? TableOfItsOwn(int width)
    {
        return LargestProduct(width) is null ? null : Table();
    }

    private QuantizedWeights? Table()
    {
        const string Ending = "_quantized";
        string? table = _tensors.Keys.FirstOrDefault(static name => name.Contains("embed_tokens.weight", StringComparison.Ordinal) && name.EndsWith(Ending, StringComparison.Ordinal));
        return table is null ? null : _source.NamedWeights(_tensors[table][..^Ending.Length]);
    }

    private static bool IsOf(NodeProto node, string projection)
    {
        return $"/{Numbered().Replace(node.Name, "/")}".Contains($"/{projection}/", StringComparison.Ordinal);
    }

    private QuantizedWeights? LargestProduct(int width)
    {
        const int LeastTokens = 10_000;
        NodeProto? node = _products.SelectMany(static products => products)
            .FirstOrDefault(node => _source.Dimensions(node.Input[1]) is [var inputs, > LeastTokens] && inputs == width);
        return node is null ? null : _source.Weights(node.Name);
    }

    private static RecognizerException Missing(string what)
    {
        return new RecognizerException($"The export has no {what} where it is looked for.");
    }

    /// <summary>What merging two graphs to one appends.</summary>
    [GeneratedRegex(@"_merged_\d+")]
    private static partial Regex Merged();

    /// <summary>What exporters append to the second of two equal names.</summary>
    [GeneratedRegex(@"_\d+/")]
    private static partial Regex Numbered();
}

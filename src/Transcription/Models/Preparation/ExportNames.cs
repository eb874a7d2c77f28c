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
    /// <param name="count">How many there must be.</param>
    /// <exception cref="RecognizerException">There is none, or it has another number of them.</exception>
    public float[] Floats(string ending, int count)
    {
        return _source.Floats(Tensor(ending), count);
    }

    /// <summary>How many numbers a tensor of one dimension has.</summary>
    /// <param name="ending">The end of its name, from a dot on.</param>
    /// <exception cref="RecognizerException">There is none.</exception>
    public int Length(string ending)
    {
        return _source.Floats(Tensor(ending)).Length;
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
    /// <param name="rows">Its inputs.</param>
    /// <param name="columns">Its outputs.</param>
    /// <exception cref="RecognizerException">There is none of 8 bits, or it is of another shape.</exception>
    public QuantizedWeights Weights(string projection, int layer, int rows, int columns)
    {
        foreach (List<NodeProto> products in _products)
        {
            List<NodeProto> all = [.. products.Where(node => IsOf(node, projection))];

            // Where names do not tell the layer, the order does.
            NodeProto? node = all.Find(node => node.Name.Contains($"layers.{layer}/", StringComparison.Ordinal))
                ?? (all.Exists(static node => node.Name.Contains("layers.", StringComparison.Ordinal)) ? null : all.ElementAtOrDefault(layer));
            if (node is not null)
            {
                return _source.Weights(node.Name, rows, columns);
            }
        }

        throw Missing($"8-bit product '{projection}' of layer {layer}");
    }

    /// <summary>What turns the decoder's numbers into scores: the largest product, or the table of tokens.</summary>
    /// <param name="width">Numbers that go in.</param>
    /// <param name="tokens">Scores that come out.</param>
    /// <exception cref="RecognizerException">There is none of 8 bits, or it is of another shape.</exception>
    public QuantizedWeights Logits(int width, int tokens)
    {
        return LargestProduct(width, tokens) ?? Table(width, tokens)?.Transposed() ?? throw Missing("8-bit table of tokens");
    }

    /// <summary>What turns tokens into numbers, where that is not the matrix of <see cref="Logits"/>.</summary>
    /// <param name="width">Numbers of a token.</param>
    /// <param name="tokens">How many there are.</param>
    public QuantizedWeights? TableOfItsOwn(int width, int tokens)
    {
        return LargestProduct(width, tokens) is null ? null : Table(width, tokens);
    }

    private string Tensor(string ending)
    {
        foreach ((string name, string full) in _tensors)
        {
            if (name.EndsWith(ending, StringComparison.Ordinal) && (name.Length == ending.Length || name[^(ending.Length + 1)] == '.'))
            {
                return full;
            }
        }

        throw Missing($"tensor '{ending}'");
    }

    private QuantizedWeights? Table(int width, int tokens)
    {
        const string Ending = "_quantized";
        string? table = _tensors.Keys.FirstOrDefault(static name => name.Contains("embed_tokens.weight", StringComparison.Ordinal) && name.EndsWith(Ending, StringComparison.Ordinal));
        return table is null ? null : _source.NamedWeights(_tensors[table][..^Ending.Length], tokens, width);
    }

    private static bool IsOf(NodeProto node, string projection)
    {
        return $"/{Numbered().Replace(node.Name, "/")}".Contains($"/{projection}/", StringComparison.Ordinal);
    }

    private QuantizedWeights? LargestProduct(int width, int tokens)
    {
        const int LeastTokens = 10_000;
        NodeProto? node = _products.SelectMany(static products => products)
            .FirstOrDefault(node => node.Input.Count > 1 && _source.Dimensions(node.Input[1]) is [var inputs, > LeastTokens] && inputs == width);
        return node is null ? null : _source.Weights(node.Name, width, tokens);
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

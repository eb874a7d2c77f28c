namespace AsrHub.Rtc.Transcription.Models.Preparation;

/// <summary>A matrix of unsigned bytes, row by row, with the one scale and zero point of the export.</summary>
/// <param name="Values">The elements.</param>
/// <param name="Rows">Inputs of the product.</param>
/// <param name="Columns">Outputs of the product.</param>
/// <param name="Scale">What one step is worth.</param>
/// <param name="ZeroPoint">The byte that stands for nought.</param>
internal sealed record QuantizedWeights(byte[] Values, int Rows, int Columns, float Scale, byte ZeroPoint)
{
    /// <summary>The matrix with rows and columns exchanged.</summary>
    public byte[] Transposed()
    {
        var transposed = new byte[Values.Length];
        for (int row = 0; row < Rows; row++)
        {
            for (int column = 0; column < Columns; column++)
            {
                transposed[(column * Rows) + row] = Values[(row * Columns) + column];
            }
        }

        return transposed;
    }
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using AsrHub.Rtc.WebRtc;

namespace AsrHub.Rtc.MediaServer.Edge;

/// <summary>One bound UDP socket. A datagram's answer leaves by the socket it came in on, hence from the address that was asked.</summary>
internal sealed class UdpSocket : IDisposable
{
    // Linux: getsockopt(SOL_SOCKET, SO_MEMINFO), of which the ninth word counts datagrams dropped for want of buffer.
    private const int SolSocket = 1;
    private const int SoMemInfo = 55;
    private const int DropsWord = 8;

    private readonly Socket _socket;

    private UdpSocket(Socket socket)
    {
        _socket = socket;
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
        Descriptor = (int)socket.Handle;
    }

    public IPEndPoint LocalEndPoint { get; }

    public int Descriptor { get; }

    /// <summary>What the system really gave.</summary>
    public int ReceiveBufferSize => _socket.ReceiveBufferSize;

    /// <summary>Datagrams that the kernel dropped because this process did not fetch them in time.</summary>
    public long KernelDrops
    {
        get
        {
            Span<byte> words = stackalloc byte[(DropsWord + 1) * sizeof(uint)];
            return _socket.GetRawSocketOption(SolSocket, SoMemInfo, words) == words.Length ? MemoryMarshal.Cast<byte, uint>(words)[DropsWord] : 0;
        }
    }

    /// <summary>Binds one socket to each address, all on one port.</summary>
    /// <exception cref="EdgeException">An address or the port cannot be had.</exception>
    public static UdpSocket[] BindAll(IReadOnlyList<IPAddress> addresses, int port, int receiveBufferSize)
    {
        const int MaxAttempts = 32;
        for (var attempt = 1; ; attempt++)
        {
            var bound = new List<UdpSocket>(addresses.Count);
            try
            {
                foreach (var address in addresses)
                {
                    bound.Add(Bind(address, port != 0 || bound.Count == 0 ? port : bound[0].LocalEndPoint.Port, receiveBufferSize));
                }

                return [.. bound];
            }
            catch (SocketException e)
            {
                var failed = addresses[bound.Count];
                foreach (var socket in bound)
                {
                    socket.Dispose();
                }

                // A port that the system chose on the first address may be taken on another.
                if (port != 0 || bound.Count == 0 || e.SocketErrorCode != SocketError.AddressAlreadyInUse || attempt == MaxAttempts)
                {
                    throw Explain(e, failed, port);
                }
            }
        }
    }

    /// <summary>Sends one datagram, without waiting.</summary>
    /// <returns>0, or an error number.</returns>
    public unsafe int Send(ReadOnlySpan<byte> data, TransportAddress to)
    {
        var address = stackalloc byte[SocketAddressBytes.MaxLength];
        var length = SocketAddressBytes.Write(to, new Span<byte>(address, SocketAddressBytes.MaxLength));
        fixed (byte* bytes = data)
        {
            return LibC.SendTo(Descriptor, bytes, (nuint)data.Length, LibC.MSG_DONTWAIT, address, (uint)length) >= 0 ? 0 : Marshal.GetLastPInvokeError();
        }
    }

    public void Dispose() => _socket.Dispose();

    private static UdpSocket Bind(IPAddress address, int port, int receiveBufferSize)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = false;
            }

            socket.ReceiveBufferSize = receiveBufferSize;
            socket.Bind(new IPEndPoint(address, port));
            return new UdpSocket(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static EdgeException Explain(SocketException e, IPAddress address, int port) => new(
        e.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse => string.Create(CultureInfo.InvariantCulture, $"UDP port {port} is in use on {address}. Stop the other program (ss -lunp shows it) or choose another Media:Port."),
            SocketError.AddressNotAvailable => $"{address} in Media:Addresses is no address of this machine (ip -br addr shows them). Behind NAT, put the public address into Media:PublicAddresses instead.",
            SocketError.AccessDenied => string.Create(CultureInfo.InvariantCulture, $"This user may not use UDP port {port}. Choose a Media:Port of 1024 or more."),
            _ => string.Create(CultureInfo.InvariantCulture, $"UDP port {port} on {address} cannot be opened: {e.Message}. Check Media:Port and Media:Addresses."),
        },
        e);
}

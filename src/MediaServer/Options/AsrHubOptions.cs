namespace AsrHub.Rtc.MediaServer.Options;

/// <summary>Every setting of the server (<c>docs/configuration.md</c>): section <c>AsrHub</c> of <c>appsettings.json</c>, environment variables <c>ASRHUB_…</c>, command line.</summary>
public sealed record AsrHubOptions
{
    /// <summary>Folder that relative paths start from.</summary>
    public string Home { get; init; } = "";

    /// <summary>Folder of the built page.</summary>
    public string WebRoot { get; init; } = "web-demo/dist";

    /// <summary>Folder for what the server makes and keeps (the certificate of <c>--lan</c>).</summary>
    public string StateDirectory { get; init; } = "";

    /// <summary>Trace, Debug, Information, Warning or Error.</summary>
    public string LogLevel { get; init; } = "Information";

    /// <summary>Serve the local network over HTTPS with a self-made certificate.</summary>
    public bool Lan { get; init; }

    /// <summary>The plain HTTP listener.</summary>
    public HttpSection Http { get; init; } = new();

    /// <summary>The HTTPS listener.</summary>
    public HttpsSection Https { get; init; } = new();

    /// <summary>The UDP port for audio.</summary>
    public MediaSection Media { get; init; } = new();

    /// <summary>Who may use the server.</summary>
    public AccessSection Access { get; init; } = new();

    /// <summary>The TURN server that clients are told of.</summary>
    public TurnSection Turn { get; init; } = new();

    /// <summary>The speech model.</summary>
    public ModelSection Model { get; init; } = new();

    /// <summary>How turns end.</summary>
    public TurnDetectionSection TurnDetection { get; init; } = new();

    /// <summary>Recordings of what sessions hear.</summary>
    public RecordingSection Recording { get; init; } = new();

    /// <summary>The recognizers of each model.</summary>
    public PoolSection Pool { get; init; } = new();

    /// <summary>Limits of sessions.</summary>
    public SessionsSection Sessions { get; init; } = new();
}

/// <summary>The plain HTTP listener.</summary>
public sealed record HttpSection
{
    /// <summary>Address to listen on.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>TCP port; 0 lets the system choose.</summary>
    public int Port { get; init; } = 8080;
}

/// <summary>The HTTPS listener; it exists when there is a certificate.</summary>
public sealed record HttpsSection
{
    /// <summary>Address to listen on.</summary>
    public string Address { get; init; } = "0.0.0.0";

    /// <summary>TCP port; 0 lets the system choose.</summary>
    public int Port { get; init; } = 8443;

    /// <summary>PEM or PKCS#12 (<c>.pfx</c>, <c>.p12</c>) file.</summary>
    public string Certificate { get; init; } = "";

    /// <summary>PEM file of the private key, where the certificate's file does not hold it.</summary>
    public string CertificateKey { get; init; } = "";

    /// <summary>Password of the PKCS#12 file or the encrypted key.</summary>
    public string CertificatePassword { get; init; } = "";
}

/// <summary>The UDP port for audio.</summary>
public sealed record MediaSection
{
    /// <summary>UDP port of all peers; 0 lets the system choose.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>Local addresses to use; empty: those the machine has.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Addresses to tell clients besides the local ones, where the machine stands behind 1:1 NAT.</summary>
    public IReadOnlyList<string> PublicAddresses { get; init; } = [];
}

/// <summary>Who may use the server.</summary>
public sealed record AccessSection
{
    /// <summary>Access keys; empty: one is made at start and printed.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>Origins of pages that may use the server besides its own.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>Let callers without a key in, from anywhere.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>Whether the server's own page needs no key on this machine.</summary>
    public bool TrustLoopback { get; init; } = true;
}

/// <summary>The TURN server that clients are told of.</summary>
public sealed record TurnSection
{
    /// <summary><c>turn:host:port?transport=udp</c> and its like.</summary>
    public IReadOnlyList<string> Urls { get; init; } = [];

    /// <summary>coturn's <c>static-auth-secret</c>.</summary>
    public string Secret { get; init; } = "";

    /// <summary>How long a client's credentials work.</summary>
    public int LifetimeSeconds { get; init; } = 3600;
}

/// <summary>The speech model.</summary>
public sealed record ModelSection
{
    /// <summary>Name of the model that sessions get which name none.</summary>
    public string Name { get; init; } = "moonshine-tiny";

    /// <summary>Names of further models that are loaded from the start; sessions may choose any installed one.</summary>
    public IReadOnlyList<string> Also { get; init; } = [];

    /// <summary>Folder of the installed models; empty: <c>models/installed</c> beside or above the program.</summary>
    public string Directory { get; init; } = "";

    /// <summary>Address of the hub that <c>models pull</c> asks.</summary>
    public string Hub { get; init; } = "https://huggingface.co";

    /// <summary>Folder or address that <c>models pull</c> asks instead of the hub.</summary>
    public string Mirror { get; init; } = "";

    /// <summary>Whether passes check what the pass before them heard; false: each decodes from nothing, at several times the work.</summary>
    public bool Drafts { get; init; } = true;

    /// <summary>How many passes run at once; 0: one for each processor core.</summary>
    public int Recognizers { get; init; }
}

/// <summary>How turns end.</summary>
public sealed record TurnDetectionSection
{
    /// <summary>The model that hears whether a turn is complete: an installed one's name, or a path; empty: none is loaded.</summary>
    public string Model { get; init; } = "";

    /// <summary>Whether sessions that say nothing of it use the model (<c>semantic_vad</c>).</summary>
    public bool Semantic { get; init; }
}

/// <summary>Recordings of what sessions hear.</summary>
public sealed record RecordingSection
{
    /// <summary>Folder for them; empty: no session may record.</summary>
    public string Folder { get; init; } = "";

    /// <summary>Megabytes that the recordings of one session may take.</summary>
    public int MaxMegabytes { get; init; } = 1000;
}

/// <summary>The recognizers of each model; may change while the server runs (SIGHUP).</summary>
public sealed record PoolSection
{
    /// <summary>False: a single recognizer for each model, the way back should the pool ever make trouble.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Recognizers kept ready; 0: as many as passes run at once for the default model, one for the others.</summary>
    public int MinSize { get; init; }

    /// <summary>Recognizers at most; 0: three times as many as passes run at once.</summary>
    public int MaxSize { get; init; }

    /// <summary>How long a recognizer above the minimum may idle.</summary>
    public int IdleSeconds { get; init; } = 300;

    /// <summary>How long a request waits for a recognizer.</summary>
    public int AcquireSeconds { get; init; } = 30;

    /// <summary>How often idle recognizers are tried with test audio.</summary>
    public int HealthCheckSeconds { get; init; } = 60;

    /// <summary>How long a pass may run before it is ended and done elsewhere.</summary>
    public int MaxLeaseSeconds { get; init; } = 10;

    /// <summary>How long the result of a final is kept for the same audio again; 0: not at all. Read at the start only.</summary>
    public int DuplicateSeconds { get; init; } = 5;
}

/// <summary>Limits of sessions.</summary>
public sealed record SessionsSection
{
    /// <summary>Most sessions at once.</summary>
    public int Max { get; init; } = 100;

    /// <summary>Most sessions at once of one access key; 0: as many as there are.</summary>
    public int MaxPerKey { get; init; }

    /// <summary>Most sessions at once from one address; 0: as many as there are.</summary>
    public int MaxPerAddress { get; init; }

    /// <summary>Passes a second that a session may ask the recognizers for, over time; 0: no limit.</summary>
    public int PassesPerSecond { get; init; } = 10;

    /// <summary>How long a session that closes may take for its last finals.</summary>
    public int CloseSeconds { get; init; } = 45;

    /// <summary>How long a session may be without a connected peer.</summary>
    public int GraceSeconds { get; init; } = 30;

    /// <summary>How long stopping may take for the last finals.</summary>
    public int DrainSeconds { get; init; } = 10;
}

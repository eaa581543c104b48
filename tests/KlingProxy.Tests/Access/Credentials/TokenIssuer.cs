using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KlingProxy.Tests.Access.Credentials;

/// <summary>An identity provider on loopback: a discovery document, a key set, and tokens signed by hand, so that ours reads what it did not write.</summary>
public sealed class TokenIssuer : IAsyncDisposable
{
    public const string Audience = "klingproxy-tests";

    private readonly WebApplication app;

    private TokenIssuer(WebApplication app) => this.app = app;

    /// <summary>What it calls itself.</summary>
    public string Issuer { get; set; } = "";

    public string? JwksUri { get; set; }

    public bool IsDown { get; set; }

    public int Discoveries { get; private set; }

    public List<SigningKey> Published { get; } = [SigningKey.Rsa("first"), SigningKey.Ec("second")];

    public string Address => app.Urls.Single();

    public static async Task<TokenIssuer> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var issuer = new TokenIssuer(builder.Build());
        issuer.app.MapGet("/.well-known/openid-configuration", issuer.Discover);
        issuer.app.MapGet("/jwks", issuer.Keys);
        await issuer.app.StartAsync();
        issuer.Issuer = issuer.Address;
        return issuer;
    }

    /// <summary>What a good token says at this time.</summary>
    public JsonObject Claims(DateTimeOffset now, string subject = "alice") => new()
    {
        ["iss"] = Issuer,
        ["aud"] = Audience,
        ["sub"] = subject,
        ["iat"] = now.ToUnixTimeSeconds(),
        ["exp"] = now.AddMinutes(10).ToUnixTimeSeconds(),
    };

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private IResult Discover()
    {
        Discoveries++;
        return Answer(new JsonObject { ["issuer"] = Issuer, ["jwks_uri"] = JwksUri ?? $"{Address}/jwks" });
    }

    private IResult Keys() => Answer(new JsonObject { ["keys"] = new JsonArray([.. Published.Select(key => key.Public())]) });

    private IResult Answer(JsonObject document) => IsDown ? Results.StatusCode(503) : Results.Text(document.ToJsonString(), "application/json");
}

public sealed record SigningKey(string Id, string Algorithm, AsymmetricAlgorithm Pair)
{
    public static SigningKey Rsa(string id, string algorithm = "RS256", int bits = 2048) => new(id, algorithm, RSA.Create(bits));

    public static SigningKey Ec(string id) => new(id, "ES256", ECDsa.Create(ECCurve.NamedCurves.nistP256));

    public string PublicPem => Pair.ExportSubjectPublicKeyInfoPem();

    /// <summary>As a key set shows it.</summary>
    public JsonObject Public()
    {
        var key = new JsonObject { ["kid"] = Id, ["use"] = "sig" };
        if (Pair is RSA rsa)
        {
            var open = rsa.ExportParameters(false);
            (key["kty"], key["n"], key["e"]) = ("RSA", Base64Url.EncodeToString(open.Modulus), Base64Url.EncodeToString(open.Exponent));
        }
        else
        {
            var open = ((ECDsa)Pair).ExportParameters(false).Q;
            (key["kty"], key["crv"], key["x"], key["y"]) = ("EC", "P-256", Base64Url.EncodeToString(open.X), Base64Url.EncodeToString(open.Y));
        }
        return key;
    }

    public string Sign(JsonObject claims, Action<JsonObject>? header = null) => Sign(claims, Bytes, header);

    /// <param name="signature">Made by whatever means.</param>
    public string Sign(JsonObject claims, Func<byte[], byte[]> signature, Action<JsonObject>? header = null)
    {
        var head = new JsonObject { ["alg"] = Algorithm, ["typ"] = "JWT", ["kid"] = Id };
        header?.Invoke(head);
        var text = $"{Part(head)}.{Part(claims)}";
        return $"{text}.{Base64Url.EncodeToString(signature(Encoding.ASCII.GetBytes(text)))}";
    }

    private static string Part(JsonObject json) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(json));

    private byte[] Bytes(byte[] text) => Pair switch
    {
        RSA rsa => rsa.SignData(text, HashAlgorithmName.SHA256, Algorithm[0] == 'P' ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1),
        ECDsa curve => curve.SignData(text, HashAlgorithmName.SHA256),
        _ => throw new NotSupportedException(),
    };
}

using System.Text;

// What the platform itself costs: its server, its compiler, one fixed answer of the size of a status.
var status = Encoding.UTF8.GetBytes($$"""{"status":"IN_PROGRESS","logs":null,"filler":"{{new string('x', 700)}}"}""");
var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { Args = args });
builder.WebHost.UseKestrelCore().UseUrls(Environment.GetEnvironmentVariable("ASPNETCORE_URLS") ?? "http://127.0.0.1:8080");
var app = builder.Build();
app.Run(context =>
{
    context.Response.ContentType = "application/json";
    context.Response.ContentLength = status.Length;
    return context.Response.Body.WriteAsync(status).AsTask();
});
app.Run();
